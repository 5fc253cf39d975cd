//! Accounts: names, roles and what a password must be.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

use super::{Timestamp, UserId};

/// What an account may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Works with sessions of their own.
    User,
    /// Also manages accounts and the service.
    Admin,
}

impl Role {
    /// The role as stored and sent.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Admin => "admin",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "user" => Ok(Self::User),
            "admin" => Ok(Self::Admin),
            other => Err(format!("'{other}' is not a role; use 'user' or 'admin'")),
        }
    }
}

/// An account as it may be shown: the password's hash is not part of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Identity of the account.
    pub id: UserId,
    /// The name as the person chose to write it.
    pub username: String,
    /// What the account may do.
    pub role: Role,
    /// Since when the account is disabled, if it is.
    pub disabled_at: Option<Timestamp>,
    /// When the account was made.
    pub created_at: Timestamp,
}

/// The form of a name under which accounts are unique and looked up: trimmed, lower case.
#[must_use]
pub fn username_key(username: &str) -> String {
    username.trim().to_lowercase()
}

/// Checks a name for a new account: 1 to 64 letters, digits, `.`, `_`, `-`, `@`, `+`.
pub fn check_username(username: &str) -> Result<(), String> {
    let length = username.chars().count();
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@' | '+');
    if (1..=64).contains(&length) && username.chars().all(allowed) {
        Ok(())
    } else {
        Err("a username has 1 to 64 letters, digits or the characters . _ - @ +".into())
    }
}

/// Checks a new password: 8 to 256 characters and not the account's own name.
pub fn check_password(password: &str, username: &str) -> Result<(), String> {
    if !(8..=256).contains(&password.chars().count()) {
        return Err("a password has 8 to 256 characters".into());
    }
    if username_key(password) == username_key(username) {
        return Err("a password must not be the username".into());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_without_regard_to_case() {
        assert_eq!(username_key(" Åsa "), username_key("åsa"));
    }

    #[test]
    fn names_and_passwords_outside_the_rules_are_refused() {
        assert!(check_username("ada.lovelace@example.org").is_ok());
        for bad in ["", "a b", "x/y", "new\nline", &"x".repeat(65)] {
            assert!(check_username(bad).is_err(), "{bad:?}");
        }
        assert!(check_password("12345678", "ada").is_ok());
        for bad in ["1234567", &"x".repeat(257), "ADA-lovelace"] {
            assert!(check_password(bad, "ada-lovelace").is_err(), "{bad:?}");
        }
    }
}
