//! Has the executable made anew when the page that is built into it changes.

fn main() {
    // A folder that is not there would be new at every build.
    let _ = std::fs::create_dir_all("web/dist");
    println!("cargo::rerun-if-changed=web/dist");
}
