//! The process is asked to end in the middle of work, as a service manager does.

use crate::harness::{Process, samples};

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_leaves_no_files_beside_the_databases() {
    let mut process = Process::start(&[]).await;
    for stop in 0..8 {
        let client = process.admin().await;
        let uploads: Vec<_> = (0..6)
            .map(|number| {
                let client = client.clone();
                tokio::spawn(async move {
                    client.upload(&format!("{number}.xml"), samples::BOOKS.as_bytes()).await.expect(201);
                })
            })
            .collect();
        for upload in uploads {
            upload.await.unwrap();
        }
        process.stop();
        let left = std::fs::read_dir(process.folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let beside: Vec<_> =
            left.map(|name| name.into_string().unwrap()).filter(|name| name.contains(".db-")).collect();
        assert_eq!(beside, ["ret.db-lock"], "after stop {stop}");
        process = process.start_again().await;
    }
}
