mod against_minutes;
mod examples;
mod world;
