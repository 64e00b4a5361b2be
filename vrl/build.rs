//! Tells the linker what the module needs, and the crate which VRL it was built with.

use std::{env, fs};

fn main() {
    if env::var("CARGO_CFG_TARGET_ARCH").as_deref() == Ok("wasm32") {
        // The host makes the memory, so the host says how large it may grow.
        println!("cargo::rustc-link-arg-cdylib=--import-memory");
        // The compiler of VRL calls itself for each level of nesting; one MiB, the default, is little.
        println!("cargo::rustc-link-arg-cdylib=-z");
        println!("cargo::rustc-link-arg-cdylib=stack-size=4194304");
    }

    println!("cargo::rerun-if-changed=Cargo.lock");
    let lock = fs::read_to_string("Cargo.lock").expect("Cargo.lock lies beside Cargo.toml");
    let version = lock
        .split("name = \"vrl\"\nversion = \"")
        .nth(1)
        .and_then(|rest| rest.split('"').next())
        .expect("Cargo.lock names a version of vrl");
    println!("cargo::rustc-env=VRL_VERSION={version}");
}
