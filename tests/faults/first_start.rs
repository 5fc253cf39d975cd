//! Several instances start at once where nothing is there yet.

use ret::adapters::sqlite::SqliteDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn instances_that_start_together_make_the_schema_once() {
    for _ in 0..5 {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ret.db");
        let opened = (0..6).map(|_| {
            let path = path.clone();
            tokio::spawn(async move { SqliteDatabase::open(&path).await })
        });
        for database in opened.collect::<Vec<_>>() {
            database.await.unwrap().expect("the schema is made by one of them").close().await;
        }
    }
}
