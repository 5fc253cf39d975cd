//! `ret user`: accounts, without the service having to run.

use std::{
    io::{BufRead as _, IsTerminal as _, Write as _},
    process::ExitCode,
};

use clap::Subcommand;
use ret::{
    app::App,
    config::Settings,
    domain::{
        Actor, Role, UserId,
        user::{check_password, check_username},
    },
    services::accounts::{AccountEdit, AccountError, AccountService, FIRST_ADMIN, FirstAdmin, NewAccount},
};

use super::{block_on, failed, settings};

/// What to do with accounts.
#[derive(Subcommand)]
pub(crate) enum Command {
    /// Add an account.
    Add {
        /// The name to sign in with.
        username: String,
        /// Make it an administrator.
        #[arg(long)]
        admin: bool,
    },
    /// List all accounts.
    List,
    /// Disable an account and end its sessions.
    Disable {
        /// The account's name.
        username: String,
    },
    /// Enable a disabled account.
    Enable {
        /// The account's name.
        username: String,
    },
    /// Set an account's password and end its sessions.
    Password {
        /// The account's name.
        username: String,
    },
}

/// Runs the command.
pub(crate) fn run(command: &Command) -> ExitCode {
    let mut settings = match settings() {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    let has_store =
        settings.database_server.is_some() || (settings.database.exists() && settings.runtime_root.exists());
    if !has_store && !matches!(command, Command::Add { .. }) {
        return failed(format_args!(
            "there is no store at {} (RET_DB; if not set, ret.db in RET_RUNTIME_ROOT) with the folder {} (RET_RUNTIME_ROOT): \
             name the place of one, or make one with `ret user add` or by starting ret",
            settings.database.display(),
            settings.runtime_root.display()
        ));
    }
    // Nothing is made before it is known what to make.
    let password = match password_for(command) {
        Ok(password) => password,
        Err(problem) => return failed(problem),
    };
    if let (Command::Add { username, .. }, Some(password)) = (command, &password)
        && username == FIRST_ADMIN
    {
        settings.admin_password = Some(password.clone().into());
    }
    block_on(async {
        let app = match App::build(&settings).await {
            Ok(app) => app,
            Err(error) => return failed(error),
        };
        let done = match command {
            Command::Add { .. } => add_after_first_admin(&app, &settings, command, password).await,
            _ => execute(&app.state.services.accounts, command, password).await.map_err(|error| error.to_string()),
        };
        app.close().await;
        done.map_or_else(failed, |()| ExitCode::SUCCESS)
    })
}

/// Adds an account; in a new store the first administrator comes before.
async fn add_after_first_admin(
    app: &App,
    settings: &Settings,
    command: &Command,
    password: Option<String>,
) -> Result<(), String> {
    match (app.make_first_admin(settings).await.map_err(|error| error.to_string())?, command) {
        (Some(first), Command::Add { username, .. }) if first.username == *username => {
            say!("added {username} (admin)");
            return Ok(());
        }
        (Some(FirstAdmin { username, generated_password: Some(password) }), _) => {
            eprintln!(
                "First start: made the account '{username}' with the password  {password}  (it is shown this once)"
            );
        }
        _ => {}
    }
    execute(&app.state.services.accounts, command, password).await.map_err(|error| error.to_string())
}

async fn execute(accounts: &AccountService, command: &Command, password: Option<String>) -> Result<(), AccountError> {
    match command {
        Command::Add { username, admin } => {
            let role = if *admin { Role::Admin } else { Role::User };
            let new = NewAccount { username: username.clone(), password: password.unwrap_or_default(), role };
            let user = accounts.add(&by(), &new).await?;
            say!("added {} ({})", user.username, user.role);
        }
        Command::List => list(accounts).await?,
        Command::Disable { username } => {
            edit(accounts, username, AccountEdit { disabled: Some(true), ..AccountEdit::default() }).await?;
            say!("disabled {username}");
        }
        Command::Enable { username } => {
            edit(accounts, username, AccountEdit { disabled: Some(false), ..AccountEdit::default() }).await?;
            say!("enabled {username}");
        }
        Command::Password { username } => {
            edit(accounts, username, AccountEdit { password, ..AccountEdit::default() }).await?;
            say!("changed the password of {username}");
        }
    }
    Ok(())
}

async fn edit(accounts: &AccountService, username: &str, edit: AccountEdit) -> Result<(), AccountError> {
    let user = accounts.find(username).await?;
    accounts.edit(&by(), user.id, &edit).await.map(|_| ())
}

/// Who does it, as the audit log has it: the machine's user is none of the service's.
fn by() -> Actor {
    Actor::service("the command line")
}

async fn list(accounts: &AccountService) -> Result<(), AccountError> {
    let mut after: Option<UserId> = None;
    loop {
        let page = accounts.list(after, 500).await?;
        for user in &page.items {
            let state = if user.disabled_at.is_some() { "disabled" } else { "enabled" };
            say!("{:<32} {:<6} {state:<9} since {}", user.username, user.role.as_str(), user.created_at);
        }
        after = page.items.last().map(|user| user.id);
        if page.next_cursor.is_none() {
            return Ok(());
        }
    }
}

/// The password that a command takes, and whether it and the name can be used.
fn password_for(command: &Command) -> Result<Option<String>, String> {
    let username = match command {
        Command::Add { username, .. } => {
            check_username(username)?;
            username
        }
        Command::Password { username } => username,
        Command::List | Command::Disable { .. } | Command::Enable { .. } => return Ok(None),
    };
    let password = ask_password()?;
    check_password(&password, username)?;
    Ok(Some(password))
}

/// Asks on a terminal (what is typed is hidden), or takes the first line of standard input.
fn ask_password() -> Result<String, String> {
    let unreadable = |error: std::io::Error| format!("the password cannot be read: {error}");
    let stdin = std::io::stdin();
    if stdin.is_terminal() {
        write!(std::io::stderr(), "password: ").map_err(unreadable)?;
        return rpassword::read_password().map_err(unreadable);
    }
    let mut line = String::new();
    stdin.lock().read_line(&mut line).map_err(unreadable)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}
