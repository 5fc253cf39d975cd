//! The document on capacity shows what the model says, and the model says what the code has.

use std::process::Command;

use super::{between, read, read_json, root};

/// The constants of the model that stand for something in the code.
#[test]
fn the_model_has_the_figures_of_the_code() {
    let policy = read("src/services/policy.rs");
    let of_the_chat = between(&policy, "impl Default for ChatPolicy", "\n}")[0];
    let number = |name: &str| between(of_the_chat, &format!("{name}: "), ",")[0].to_owned();
    let model = read("scripts/capacity");
    let tokens = format!("\nTURN_TOKENS, ANSWER_TOKENS = {}, {}\n", number("turn_tokens"), number("answer_tokens"));
    assert!(model.contains(&tokens), "scripts/capacity has other tokens than {tokens}");

    let queues = &read_json("host.json")["extensions"]["queues"];
    let at_once = queues["batchSize"].as_u64().unwrap() + queues["newBatchThreshold"].as_u64().unwrap();
    assert!(model.contains(&format!("\nJOBS_AT_ONCE = {at_once}\n")), "{at_once} jobs at once");

    assert!(model.contains("\nTICKS = {\"cleanup\": 15, \"writeback\": 300}\n"));
    for (timer, schedule) in [("cleanup", "*/15 * * * * *"), ("writeback", "0 */5 * * * *")] {
        let function = read_json(&format!("functions/{timer}/function.json"));
        assert_eq!(
            function["bindings"][0]["schedule"], schedule,
            "scripts/capacity has another time between two of {timer}"
        );
    }
}

#[test]
fn the_document_shows_what_the_model_says() {
    let ran = Command::new("python3").arg(root().join("scripts/capacity")).output();
    let ran = ran.expect("python3 has to be installed: scripts/setup");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let said = String::from_utf8(ran.stdout).unwrap();
    assert!(
        read("docs/capacity.md").contains(said.trim()),
        "put into docs/capacity.md what scripts/capacity says now:\n{said}"
    );
}
