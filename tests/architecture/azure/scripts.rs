//! What a deployment runs, with stand-ins for the programs of Azure: each takes down how it was called, and answers as the real one would.

use std::{
    os::unix::fs::PermissionsExt as _,
    path::PathBuf,
    process::{Command, Output},
};

use tempfile::TempDir;

use super::root;

/// Answers what scripts ask; refuses the form of commands on firewall rules that went with Azure CLI 2.86.
const AZ: &str = r#"case "$*" in
"account show --query user.type"*) echo user ;;
"ad signed-in-user show --query id"*) echo 11111111-person ;;
"ad signed-in-user show --query userPrincipalName"*) echo person@example.org ;;
"account get-access-token"*) echo a-token ;;
"keyvault show"*) exit 3 ;;
"postgres flexible-server firewall-rule"*"--rule-name"*) exit 2 ;;
"postgres flexible-server firewall-rule"*"--server-name server "*"--name deployment-"*) ;;
"postgres flexible-server firewall-rule"*) exit 2 ;;
"deployment group create"*)
    echo "key=${#RET_SIGNING_KEY} type=${RET_PRINCIPAL_TYPE:-}" >>"$CALLS"
    echo '{"azurE_FUNCTION_NAME": {"type": "String", "value": "func-ret-x"}, "reT_COUNT": {"type": "Int", "value": 3}}'
    ;;
esac"#;

/// Takes down who it signs in as, and with what.
const PSQL: &str = r#"echo "password=$PGPASSWORD ca=$PGSSLMODE" >>"$CALLS""#;

/// The service's executable: it has the accounts that the test says, and takes a password by its input.
const RET: &str = r#"case "$*" in
"user list") printf '%s' "$ACCOUNTS" ;;
"user add"*) echo "password=$(cat)" >>"$CALLS" ;;
esac"#;

struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let machine = Self { folder: TempDir::new().unwrap() };
        for (name, does) in [("az", AZ), ("psql", PSQL), ("azd", ""), ("ret", RET)] {
            let path = machine.path(name);
            std::fs::write(&path, format!("#!/usr/bin/env bash\necho \"{name} $*\" >>\"$CALLS\"\n{does}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
        }
        machine
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs a script of a deployment with this environment, and no other than the programs'.
    fn run(&self, script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Output {
        let path = format!("{}:{}", self.folder.path().display(), std::env::var("PATH").unwrap());
        let mut command = Command::new(root().join("scripts/azure").join(script));
        command.args(arguments).env_clear().env("PATH", path).env("CALLS", self.path("calls"));
        command.env("RET_EXECUTABLE", self.path("ret")).env("ACCOUNTS", "");
        command.envs(environment.iter().copied()).output().unwrap()
    }

    /// The same; it has to succeed.
    fn done(&self, script: &str, arguments: &[&str], environment: &[(&str, &str)]) -> String {
        let ran = self.run(script, arguments, environment);
        assert!(ran.status.success(), "{script}: {}\n{}", said_on_error(&ran), self.calls());
        String::from_utf8(ran.stdout).unwrap()
    }

    fn calls(&self) -> String {
        std::fs::read_to_string(self.path("calls")).unwrap_or_default()
    }
}

fn said_on_error(ran: &Output) -> String {
    String::from_utf8_lossy(&ran.stderr).into_owned()
}

const OUTPUTS: [(&str, &str); 8] = [
    ("AZURE_RESOURCE_GROUP", "group"),
    ("AZURE_SUBSCRIPTION_ID", "subscription"),
    ("RET_DATABASE_SERVER", "server"),
    ("RET_DATABASE_HOST", "server.example"),
    ("RET_DATABASE_NAME", "ret"),
    ("RET_IDENTITY_NAME", "id-ret"),
    ("RET_IDENTITY_PRINCIPAL_ID", "22222222-identity"),
    ("RET_OWN_ADDRESS", "203.0.113.7"),
];

fn with<'a>(more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    OUTPUTS.into_iter().chain(more.iter().copied()).collect()
}

const OF_A_PIPELINE: [(&str, &str); 3] = [
    ("RET_PRINCIPAL_ID", "33333333-pipeline"),
    ("RET_PRINCIPAL_NAME", "pipeline"),
    ("RET_ALERT_EMAIL", "people@example.org"),
];

#[test]
fn provision_prints_the_outputs_as_variables() {
    let machine = Machine::new();
    let printed = machine.done("provision", &["dev", "group"], &[]);
    assert_eq!(printed, "AZURE_FUNCTION_NAME=func-ret-x\nRET_COUNT=3\n");
    let calls = machine.calls();
    assert!(calls.contains("--parameters infra/environments/dev.bicepparam"), "{calls}");
    // There was no key, so one is made; who is signed in administers the database.
    assert!(calls.contains("key=64 type=User\n"), "{calls}");
}

#[test]
fn provision_only_says_what_would_change() {
    let machine = Machine::new();
    machine.done("provision", &["production", "group", "--what-if"], &OF_A_PIPELINE);
    let calls = machine.calls();
    assert!(calls.contains("az deployment group what-if") && !calls.contains("group create"), "{calls}");
}

#[test]
fn provision_of_what_people_rely_on_wants_the_values_of_the_pipeline() {
    for environment in ["staging", "production"] {
        for left_out in OF_A_PIPELINE {
            // Azure Pipelines leaves the text of a variable that is not there.
            for instead in [None, Some((left_out.0, "$(notThere)"))] {
                let machine = Machine::new();
                let given: Vec<_> = OF_A_PIPELINE.into_iter().filter(|one| *one != left_out).chain(instead).collect();
                let ran = machine.run("provision", &[environment, "group"], &given);
                let said = said_on_error(&ran);
                assert!(!ran.status.success() && said.contains(&format!("{} is not set", left_out.0)), "{said}");
                assert_eq!(machine.calls(), "", "it asked Azure before");
            }
        }
        let machine = Machine::new();
        machine.done("provision", &[environment, "group"], &OF_A_PIPELINE);
    }
}

#[test]
fn database_lets_itself_in_and_makes_role_schema_and_administrator() {
    let machine = Machine::new();
    machine.done("database", &[], &with(&[("RET_FIRST_ADMIN_PASSWORD", "the first one")]));
    let calls = machine.calls();
    let at = |what: &str| calls.find(what).unwrap_or_else(|| panic!("no {what} in\n{calls}"));
    let (opened, closed) = (at("firewall-rule create"), at("firewall-rule delete"));
    let (migrated, added) = (at("ret migrate"), at("ret user add admin --admin\npassword=the first one\n"));
    let roles: Vec<_> = calls.match_indices("--file infra/sql/app-role.sql").map(|(at, _)| at).collect();
    let [before, after] = roles[..] else { panic!("{calls}") };
    assert!(opened < before && before < migrated && migrated < after && after < added && added < closed, "{calls}");
    assert!(calls.contains("--username person@example.org") && calls.contains("password=a-token ca=verify-full"));
}

#[test]
fn database_makes_the_account_of_the_tour_once() {
    let tour = [("RET_TOUR_USER", "tour"), ("RET_TOUR_PASSWORD", "of the tour")];
    let is_made_beside = |accounts: &str| {
        let machine = Machine::new();
        machine.done("database", &[], &[with(&tour), vec![("ACCOUNTS", accounts)]].concat());
        machine.calls().contains("ret user add tour\npassword=of the tour\n")
    };
    assert!(is_made_beside("admin    admin  enabled   since 2026\ntourist  user   enabled   since 2026\n"));
    assert!(!is_made_beside("admin    admin  enabled   since 2026\ntour     user   enabled   since 2026\n"));
}

#[test]
fn database_takes_no_variable_for_a_password() {
    let machine = Machine::new();
    let ran = machine.run("database", &[], &with(&[("RET_FIRST_ADMIN_PASSWORD", "$(firstAdminPassword)")]));
    assert!(!ran.status.success() && said_on_error(&ran).contains("there is no account"), "{}", said_on_error(&ran));
    let calls = machine.calls();
    assert!(!calls.contains("user add") && calls.contains("firewall-rule delete"), "{calls}");
    // Where there are accounts it is not needed.
    let there = with(&[("RET_FIRST_ADMIN_PASSWORD", "$(firstAdminPassword)"), ("ACCOUNTS", "admin admin enabled\n")]);
    Machine::new().done("database", &[], &there);
}

#[test]
fn azd_goes_on_in_its_own_subscription_and_with_who_began() {
    let machine = Machine::new();
    machine.done("azd-hook", &["before-provision"], &with(&[]));
    let calls = machine.calls();
    assert!(calls.starts_with("az account set --subscription subscription\n"), "{calls}");
    for told in ["PRINCIPAL_ID 11111111-person", "PRINCIPAL_NAME person@example.org", "PRINCIPAL_TYPE User"] {
        assert!(calls.contains(&format!("azd env set RET_{told}\n")), "{told}: {calls}");
    }
    assert!(calls.contains("azd env set RET_SIGNING_KEY "), "{calls}");

    // A group was named, or somebody else has begun.
    let machine = Machine::new();
    let group =
        [("RET_PRINCIPAL_ID", "44444444-group"), ("RET_PRINCIPAL_NAME", "people"), ("RET_PRINCIPAL_TYPE", "Group")];
    machine.done("azd-hook", &["before-provision"], &with(&group));
    let calls = machine.calls();
    assert!(
        calls.contains("azd env set RET_PRINCIPAL_ID 44444444-group\n") && !calls.contains("signed-in-user"),
        "{calls}"
    );

    let machine = Machine::new();
    machine.done("azd-hook", &["after-provision"], &with(&[("RET_FIRST_ADMIN_PASSWORD", "the first one")]));
    let calls = machine.calls();
    assert!(calls.starts_with("az account set --subscription subscription\nazd env set RET_SIGNING_KEY \n"), "{calls}");
    assert!(calls.contains("ret user add admin --admin"), "{calls}");
}

#[test]
fn scripts_say_what_they_are_for() {
    for script in ["provision", "database", "azd-hook"] {
        let machine = Machine::new();
        let said = machine.done(script, &["--help"], &[]);
        assert!(said.lines().count() >= 2 && !said.contains('#') && !said.contains("set -e"), "{said}");
        assert_eq!(machine.calls(), "");
    }
    // Without what they need they fail.
    assert!(!Machine::new().run("provision", &[], &[]).status.success());
}
