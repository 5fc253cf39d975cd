//! `ret migrate`: the schema brought up to date, before the version that needs it serves.

use std::process::ExitCode;

use ret::{
    app::App,
    config::Settings,
    ports::schema::{Migrated, SchemaStanding},
};

use super::{block_on, failed, usable};

/// Runs the command.
pub(crate) fn run() -> ExitCode {
    let settings = match usable(Settings::of_database_from_environment()) {
        Ok(settings) => settings,
        Err(code) => return code,
    };
    block_on(async {
        match App::migrate(&settings).await {
            Ok(migrated) => {
                say!("{}", told(migrated));
                ExitCode::SUCCESS
            }
            Err(error) => {
                let code = failed(&error);
                if let Some(mend) = error.mend() {
                    eprintln!("       {mend}");
                }
                code
            }
        }
    })
}

fn told(Migrated { before, after }: Migrated) -> String {
    let number = |version: Option<i64>| version.map_or_else(|| "none".to_owned(), |version| version.to_string());
    let now = number(after.version);
    match (before == after.version, after.standing) {
        (true, SchemaStanding::Ahead) => {
            format!("the schema is at {now}, of a newer version, beside which this one works")
        }
        (true, _) => format!("the schema is up to date at {now}"),
        (false, _) => format!("the schema was at {}, is at {now}", number(before)),
    }
}

#[cfg(test)]
mod tests {
    use ret::ports::schema::SchemaState;

    use super::*;

    #[test]
    fn what_was_there_and_what_is_there_now_are_told() {
        let told = |before, version, standing| told(Migrated { before, after: SchemaState { version, standing } });
        assert_eq!(told(None, Some(4), SchemaStanding::Current), "the schema was at none, is at 4");
        assert_eq!(told(Some(2), Some(4), SchemaStanding::Current), "the schema was at 2, is at 4");
        assert_eq!(told(Some(4), Some(4), SchemaStanding::Current), "the schema is up to date at 4");
        assert!(told(Some(5), Some(5), SchemaStanding::Ahead).contains("at 5, of a newer version"));
    }
}
