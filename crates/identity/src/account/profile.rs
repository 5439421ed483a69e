//! The profile: what a person tells about themselves.

use crate::{
    preferences::Preferences,
    text::{Name, WebAddress},
};

/// What a person tells about themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The full name.
    pub full_name: Option<Name>,
    /// The name others see.
    pub display_name: Option<Name>,
    /// A picture.
    pub avatar_url: Option<WebAddress>,
    /// The profession.
    pub profession: Option<Name>,
    /// The time zone, by its IANA name; streaks follow its calendar.
    pub timezone: String,
    /// Settings of clients. One is read here too, [`Preferences::language`].
    pub preferences: Preferences,
}

impl Default for Profile {
    fn default() -> Self {
        Self {
            full_name: None,
            display_name: None,
            avatar_url: None,
            profession: None,
            timezone: "UTC".to_owned(),
            preferences: Preferences::default(),
        }
    }
}
