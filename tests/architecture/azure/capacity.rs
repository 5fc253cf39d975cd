//! The document on capacity shows what the model says.

use std::process::Command;

use super::{read, root};

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
