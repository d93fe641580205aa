//! `deskbuy health`: what it says of a proxy, and of what is none.

use std::io::{Read, Write};

use simulator::Config;

use crate::{
    binary::{Running, deskbuy},
    site::Cloud,
};

#[tokio::test]
async fn health_says_whether_the_proxy_is_ready() {
    // Its folder holds the journal, without which no proxy is ready.
    let cloud = Cloud::new(Config::default()).await;
    let running = Running::serving(&cloud, &[]);
    let admin = running.addresses[0].trim_start_matches("http://").to_owned();
    let output = deskbuy(&["health", "--admin-listen", &admin]).output().unwrap();
    assert_eq!((output.status.code(), String::from_utf8_lossy(&output.stdout).trim()), (Some(0), "ready"));
    drop(running);
    let output = deskbuy(&["health", "--admin-listen", &admin]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("DESKBUY_ADMIN_LISTEN"), "{output:?}");

    // Something else that answers is no proxy that is ready.
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = other.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        let (mut stream, _) = other.accept().unwrap();
        let _ = stream.read(&mut [0; 1024]);
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok").unwrap();
    });
    let output = deskbuy(&["health", "--admin-listen", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("no admin listener of deskbuy"), "{output:?}");
}
