//! The check of the templates finds mistakes: each of these, made in a copy, makes it fail.

use std::{
    path::Path,
    process::{Command, Output},
};

use super::{files, root};

struct Mutation {
    what: &'static str,
    file: &'static str,
    from: &'static str,
    to: &'static str,
    /// What the check says of it.
    told: &'static str,
}

const MUTATIONS: [Mutation; 14] = [
    Mutation {
        what: "a property that is not there",
        file: "modules/redis-managed.bicep",
        from: "clusteringPolicy: 'NoCluster'",
        to: "clusterPolicy: 'NoCluster'",
        told: "did you mean 'clusteringPolicy'?",
    },
    Mutation {
        what: "a value that is not taken",
        file: "modules/redis-managed.bicep",
        from: "'VolatileLRU'",
        to: "'VolatileOldest'",
        told: "evictionPolicy takes",
    },
    Mutation {
        what: "a version that is not there",
        file: "modules/storage.bicep",
        from: "'Microsoft.Storage/storageAccounts@2025-06-01'",
        to: "'Microsoft.Storage/storageAccounts@2025-06-31'",
        told: "there is no Microsoft.Storage/storageAccounts of version 2025-06-31",
    },
    Mutation {
        what: "a property that is required",
        file: "modules/storage.bicep",
        from: "blobTypes: ['blockBlob']\n",
        to: "\n",
        told: "lacks blobTypes",
    },
    Mutation {
        what: "a value of another type",
        file: "modules/private-endpoint.bicep",
        from: "groupIds: [groupId]",
        to: "groupIds: 'blob'",
        told: "groupIds takes an array",
    },
    Mutation {
        what: "a parent of another type",
        file: "modules/postgres.bicep",
        from: "parent: server\n  name: administratorId",
        to: "parent: database\n  name: administratorId",
        told: "the parent of Microsoft.DBforPostgreSQL/flexibleServers/administrators is",
    },
    Mutation {
        what: "an output of another name",
        file: "modules/identity.bicep",
        from: "output clientId string",
        to: "output client string",
        told: "the module 'identity' has no output 'clientId'",
    },
    Mutation {
        what: "a secret that comes out",
        file: "modules/key-vault.bicep",
        from: "output name string = vault.name",
        to: "output name string = signingKey",
        told: "the output 'name' shows a secret",
    },
    Mutation {
        what: "a parameter that a module lacks",
        file: "main.bicep",
        from: "    purgeProtection: purgeProtection\n",
        to: "",
        told: "'keyVault' lacks purgeProtection",
    },
    Mutation {
        what: "a member of a parameter that is not there",
        file: "modules/function-app.bicep",
        from: "scale.requestsAtOnce",
        to: "scale.concurrency",
        told: "the param 'scale' has no 'concurrency'",
    },
    Mutation {
        what: "a condition that is known too late",
        file: "main.bicep",
        from: "if (privateNetwork && one.isThere)",
        to: "if (privateNetwork && !empty(redis.id))",
        told: "the condition of 'privateEndpoints' must be known before anything is made",
    },
    Mutation {
        what: "a query that is not there",
        file: "modules/alerts.bicep",
        from: "job-failures.kql",
        to: "job-failure.kql",
        told: "finds no file '../queries/job-failure.kql'",
    },
    Mutation {
        what: "a value that a parameter does not allow",
        file: "environments/production.bicepparam",
        from: "'ZoneRedundant'",
        to: "'Redundant'",
        told: "postgres.highAvailability takes one of",
    },
    Mutation {
        what: "a parameter of azd that is not there",
        file: "main.parameters.json",
        from: "\"environmentName\"",
        to: "\"environment\"",
        told: "the param 'environmentName' is not given",
    },
];

impl Mutation {
    /// A copy of the templates with the mistake in it.
    fn made(&self) -> tempfile::TempDir {
        let folder = copy();
        let path = folder.path().join("infra").join(self.file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(self.from), "{}: {} has no {}", self.what, self.file, self.from);
        std::fs::write(&path, text.replacen(self.from, self.to, 1)).unwrap();
        folder
    }
}

fn copy() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for part in ["infra", "infra/modules", "infra/queries", "infra/environments"] {
        std::fs::create_dir_all(folder.path().join(part)).unwrap();
        for file in files(part, "").into_iter().filter(|file| root().join(file).is_file()) {
            std::fs::copy(root().join(&file), folder.path().join(&file)).unwrap();
        }
    }
    folder
}

fn check(folder: &Path) -> Output {
    let mut command = Command::new("python3");
    // It leaves nothing of its own beside the scripts.
    command.arg("-B").arg(root().join("scripts/bicep/check.py"));
    for (part, ending) in [
        ("infra", ".bicep"),
        ("infra/modules", ".bicep"),
        ("infra", ".parameters.json"),
        ("infra/environments", ".bicepparam"),
    ] {
        command.args(files(part, ending).into_iter().map(|file| folder.join(file)));
    }
    command.output().expect("python3 has to be installed: scripts/setup")
}

#[test]
fn the_templates_pass_the_check() {
    let checked = check(copy().path());
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
}

#[test]
fn every_mistake_is_found() {
    for mutation in MUTATIONS {
        let folder = mutation.made();
        let checked = check(folder.path());
        let said = String::from_utf8_lossy(&checked.stdout);
        assert!(!checked.status.success() && said.contains(mutation.told), "{}: {said}", mutation.what);
    }
}

/// It knows fewer types, and nothing of files of parameters.
#[test]
fn most_mistakes_are_found_by_the_second_checker_too() {
    let Some(second) = std::env::var_os("RET_INFRA_CHECKER") else {
        println!("left out: RET_INFRA_CHECKER is not set");
        return;
    };
    // The copies have templates only, so what it says of other files is not counted.
    let finds_in = |folder: &Path| {
        let Output { stdout, stderr, .. } = Command::new(&second).arg(folder).output().unwrap();
        let said = String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned();
        said.lines().any(|line| line.contains(".bicep:"))
    };
    assert!(!finds_in(copy().path()));
    let found = MUTATIONS.iter().filter(|mutation| finds_in(mutation.made().path())).count();
    assert!(found >= 9, "{found} of {}", MUTATIONS.len());
}
