//! Where the worker's memory ends: 256 MiB. A search stops before it and says so; what asked for more
//! all the same would trap, and the page says that too.

const MOST_OCTETS: u64 = 256 << 20;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_ARCH").is_ok_and(|name| name == "wasm32") {
        println!("cargo::rustc-link-arg-cdylib=--max-memory={MOST_OCTETS}");
    }
}
