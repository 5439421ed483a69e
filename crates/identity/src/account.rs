//! The account: one person, and what that person or an administrator does with it.

mod admin_settings;
mod administration;
mod aggregate;
mod profile;
mod service;
mod streak;

pub use self::{
    admin_settings::{AdminSettings, AdminSettingsState},
    administration::{AccountChange, AdministrationService, MadeAdmin},
    aggregate::{Account, AccountState, AccountStatus, PasswordHash},
    profile::Profile,
    service::{AccountService, Export},
    streak::Streak,
};
