//! The built program, as its users meet it: started, stopped, killed, and told wrong things.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod administrators;
mod assessments;
mod audit;
mod canary;
mod client;
mod commands;
mod crash;
mod full_disk;
mod hang_up;
mod life;
mod pair;
mod passwords;
mod pooler;
mod readme;
mod receivers;
mod refusals;
mod restart;
mod run;
mod senders;
mod settings;
mod strangers;
mod tamper;
mod timing;
mod trail;
