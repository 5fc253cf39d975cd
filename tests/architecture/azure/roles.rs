//! Each role is needed by a call of the code, and each call has its role.

use super::{between, read, set, source, template};

/// Which call needs which role: the role as infra/modules/roles.bicep names it, a file, and what stands in it.
const NEEDED_BY: [(&str, &str, &str); 5] = [
    ("blobDataContributor", "src/adapters/azure/blob/container.rs", ".delete(Some(options))"),
    ("blobDelegator", "src/adapters/azure/blob/addresses.rs", "get_user_delegation_key("),
    ("queueDataContributor", "src/adapters/azure/queue.rs", ".send_message("),
    ("openAiUser", "src/adapters/openai/account.rs", "https://cognitiveservices.azure.com/.default"),
    ("keyVaultSecretsUser", "infra/modules/function-app.bicep", "@Microsoft.KeyVault("),
];

/// Roles that the host needs.
const OF_THE_HOST: [&str; 3] = ["blobDataOwner", "metricsPublisher", "tableDataContributor"];

/// What tokens are asked for, and where the identity is let in.
const LET_IN: [(&str, &str, &str); 3] = [
    ("https://redis.azure.com/.default", "infra/modules/redis-managed.bicep", "accessPolicyAssignments"),
    (
        "https://ossrdbms-aad.database.windows.net/.default",
        "infra/sql/app-role.sql",
        "pgaadauth_create_principal_with_oid",
    ),
    ("https://cognitiveservices.azure.com/.default", "infra/modules/roles.bicep", "role.openAiUser"),
];

#[test]
fn every_role_is_needed_and_given() {
    let template = read("infra/modules/roles.bicep");
    let named = template::entries(&template, "role");
    let roles = set(named.iter().map(|(name, _)| name.as_str()));
    assert_eq!(roles, set(NEEDED_BY.iter().map(|(role, ..)| *role).chain(OF_THE_HOST)));
    for role in &roles {
        let given = format!("('Microsoft.Authorization/roleDefinitions', role.{role})");
        assert_eq!(template.matches(&given).count(), 1, "{role} is to be given once");
    }
    for (role, file, call) in NEEDED_BY {
        assert!(read(file).contains(call), "{file} has no {call}: is {role} needed?");
    }
}

#[test]
fn files_of_sessions_are_opened_in_their_container_only() {
    let template = read("infra/modules/roles.bicep");
    let blobs = between(&template, "resource sessionBlobs ", "\n}")[0];
    assert!(blobs.contains("scope: dataAccount::blobs::sessions\n"), "{blobs}");
}

#[test]
fn every_server_that_tokens_are_for_lets_the_identity_in() {
    let source = source();
    let asked_for = set(between(&source, "\"https://", "\"").into_iter().filter(|url| url.ends_with("/.default")));
    let let_in = set(LET_IN.iter().map(|(scope, ..)| scope.trim_start_matches("https://")));
    assert_eq!(asked_for, let_in);
    for (_, file, grant) in LET_IN {
        assert!(read(file).contains(grant), "{file} has no {grant}");
    }
}

#[test]
fn nothing_is_opened_by_a_key() {
    for (module, off) in [
        ("storage", "allowSharedKeyAccess: false"),
        ("redis-managed", "accessKeysAuthentication: 'Disabled'"),
        ("redis-classic", "disableAccessKeyAuthentication: true"),
        // Without it nobody gets in at all.
        ("redis-classic", "'aad-enabled': 'true'"),
        ("postgres", "passwordAuth: 'Disabled'"),
        ("cosmos", "disableLocalAuth: true"),
        ("openai", "disableLocalAuth: true"),
        ("monitoring", "DisableLocalAuth: true"),
        ("key-vault", "enableRbacAuthorization: true"),
    ] {
        assert!(read(&format!("infra/modules/{module}.bicep")).contains(off), "{module} has no {off}");
    }
}
