//! Has the linker write a map beside the page's module, by which the build divides the module's constants
//! (`tools/split-data.mjs`).

use std::{env, path::Path};

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    let out = env::var("OUT_DIR").expect("cargo says where to write");
    // <target>/<triple>/<profile>/build/frontend-<hash>/out
    let beside_module = Path::new(&out).ancestors().nth(3).expect("a folder for each profile");
    println!("cargo::rerun-if-env-changed=INSTRUMENT_INTO");
    if env::var("CARGO_CFG_TARGET_FAMILY").is_ok_and(|family| family == "wasm") {
        println!("cargo::rustc-link-arg-bins=-Map={}", beside_module.join("frontend.map").display());
        // While a profile is recorded, places in the table of functions are numbers that nothing else is (`tools/on-demand.mjs`).
        if env::var_os("INSTRUMENT_INTO").is_some() {
            println!("cargo::rustc-link-arg-bins=--table-base=100000");
        }
    }
}
