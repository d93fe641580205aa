//! Places that are there and wrong, or have nothing: told, and never passed over for another account's key.

use super::*;

const ID: &str = "ALIBABA_CLOUD_ACCESS_KEY_ID";
const SECRET: &str = "ALIBABA_CLOUD_ACCESS_KEY_SECRET";
const TOKEN: &str = "ALIBABA_CLOUD_SECURITY_TOKEN";
const FILE: &str = "ALIBABA_CLOUD_CONFIG_FILE";

/// A place that is there and wrong ends the search: the next one might be another account.
#[tokio::test]
async fn what_is_wrong_is_told_and_not_passed_over() {
    let services = Services::start().await;
    let check = async |files: &[(&str, &str)], variables: &[(&str, &str)], expect: &str| {
        let error = find(&home(files), variables, &services).await.unwrap_err();
        let told = format!("{error} {error:?}");
        assert!(matches!(error, CredentialsError::Broken { .. }), "{told}");
        assert!(told.contains(expect) && !told.contains("sesame"), "{told}");
    };
    check(&[(".aliyun/config.json", "{\"sesame")], &[], ".aliyun/config.json: is not what it should be").await;
    check(&[(".alibabacloud/credentials", "sesame")], &[], "line 1").await;
    check(&[], &[("ALIBABA_CLOUD_OIDC_PROVIDER_ARN", "p")], "ALIBABA_CLOUD_OIDC_TOKEN_FILE").await;
    let no_ecs = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let uri = |text: &'static str| [("ALIBABA_CLOUD_CREDENTIALS_URI", text), no_ecs];
    check(&[], &uri("http://credentials.example/sesame"), "must be https").await;
    check(&[], &uri("sesame"), "is not an address").await;
    let refuses = format!("http://{}/refuses?sesame", services.address);
    check(&[], &[("ALIBABA_CLOUD_CREDENTIALS_URI", &refuses), no_ecs], "HTTP 403 No.Way").await;
}

/// Each of these would sign for another account if the search went on.
#[tokio::test]
async fn no_other_place_takes_over() {
    let services = Services::start().await;
    let check = async |files: &[(&str, &str)], variables: &[(&str, &str)], expect: &[&str]| {
        let home = home(files);
        let error = find(&home, variables, &services).await.unwrap_err();
        let told = error.to_string();
        assert!(matches!(error, CredentialsError::Broken { .. }), "{told}");
        assert!(expect.iter().all(|part| told.contains(part)) && !told.contains("sesame"), "{told}");
    };
    let ini: &[_] = &[(".alibabacloud/credentials", INI)];
    let both: &[_] = &[(".aliyun/config.json", CLI), (".alibabacloud/credentials", INI)];
    check(both, &[(ID, "id")], &[ID, SECRET]).await;
    check(both, &[(ID, "id"), (SECRET, " \n")], &[ID, SECRET]).await;
    check(both, &[(SECRET, "sesame")], &[ID, SECRET]).await;
    check(both, &[(TOKEN, "sesame")], &[TOKEN, ID]).await;
    check(both, &[(ID, "id"), (SECRET, "sesame street")], &[SECRET]).await;

    let cli = |text: &'static str| [(".aliyun/config.json", text), ini[0]];
    check(&cli(r#"{"current":"prod","profiles":[{"name":"dev"}]}"#), &[], &["config.json", "\"prod\""]).await;
    let half = r#"{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":"id"}]}"#;
    check(&cli(half), &[], &["config.json", "\"a\"", "access_key_secret"]).await;
    let external = r#"{"current":"a","profiles":[{"name":"a","mode":"External","process_command":"sesame"}]}"#;
    check(&cli(external), &[], &["config.json", "\"External\""]).await;
    let unfilled = r#"{"current":"a","profiles":[{"name":"a","mode":"AK"}]}"#;
    check(&cli(unfilled), &[("ALIBABA_CLOUD_PROFILE", "a")], &["config.json", "\"a\" has no key"]).await;

    let off =
        r#"{"current":"a","profiles":[{"name":"a","enable":false,"access_key_id":"i","access_key_secret":"sesame"}]}"#;
    check(&cli(off), &[], &["config.json", "\"a\"", "switched off"]).await;

    let off = "[default]\nenable = false\ntype = access_key\naccess_key_id = i\naccess_key_secret = sesame\n";
    check(&[(".alibabacloud/credentials", off)], &[], &[".alibabacloud/credentials", "switched off"]).await;
    let other = "[other]\ntype = access_key\naccess_key_id = i\naccess_key_secret = sesame\n";
    check(&[(".alibabacloud/credentials", other)], &[], &[".alibabacloud/credentials", "\"default\""]).await;
    let half = "[default]\ntype = access_key\naccess_key_secret = sesame\n";
    check(&[(".alibabacloud/credentials", half)], &[], &[".alibabacloud/credentials", "access_key_id"]).await;

    check(both, &[(FILE, "/no/such/file")], &[FILE, "/no/such/file"]).await;
    check(both, &[(FILE, "/no/such/file"), ("ALIBABA_CLOUD_CLI_PROFILE_DISABLED", "true")], &[FILE]).await;
    let elsewhere = home(&[("empty", "{}"), ("a", CLI)]);
    let path = |name: &str| elsewhere.path().join(name).display().to_string();
    check(both, &[(FILE, &path("empty"))], &[FILE, "empty"]).await;
    check(both, &[("ALIBABA_CLOUD_CREDENTIALS_FILE", &path("a"))], &["ALIBABA_CLOUD_CREDENTIALS_FILE", "config.json"])
        .await;
    check(both, &[(FILE, &path("a")), ("ALIBABA_CLOUD_PROFILE", "c")], &[FILE, "\"c\""]).await;
}

/// An answer that says that it has none may still have an old key in it.
#[tokio::test]
async fn a_key_in_an_answer_of_failure_is_not_used() {
    let services = Services::start().await;
    let uri = format!("http://{}/failed", services.address);
    let variables = [("ALIBABA_CLOUD_CREDENTIALS_URI", &*uri), ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true")];
    let told = found(&home(&[]), &variables, &services).await;
    assert!(told.contains("ALIBABA_CLOUD_CREDENTIALS_URI") && told.contains("Failed"), "{told}");
}

#[tokio::test]
async fn the_command_lines_file_may_be_elsewhere() {
    let services = Services::start().await;
    let elsewhere = home(&[("a.json", &CLI.replace("by-cli", "by-other"))]);
    let path = elsewhere.path().join("a.json").display().to_string();
    let home = home(&[(".aliyun/config.json", CLI), (".alibabacloud/credentials", INI)]);
    let file = ("ALIBABA_CLOUD_CONFIG_FILE", &*path);
    assert_eq!(found(&home, &[file], &services).await, "by-other");
    assert_eq!(found(&home, &[file, ("ALIBABA_CLOUD_PROFILE", "b")], &services).await, "by-other-b");
}

/// Line ends, blanks and byte-order marks come with copying; none of them is in a key.
#[tokio::test]
async fn what_stands_around_a_key_is_not_part_of_it() {
    let services = Services::start().await;
    let check = async |files: &[(&str, &str)], variables: &[(&str, &str)], id: &str| {
        let source = find(&home(files), variables, &services).await.unwrap();
        let key = source.current().await.unwrap();
        let (secret, token) = (key.access_key_secret.expose(), key.security_token.as_ref().map(crate::Secret::expose));
        assert_eq!((key.access_key_id.expose(), secret, token), (id, "sesame", Some("CAIS-sesame")));
    };
    let environment = [
        ("ALIBABA_CLOUD_ACCESS_KEY_ID", "by-environment\r"),
        ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "\u{feff}sesame\n"),
        ("ALIBABA_CLOUD_SECURITY_TOKEN", "\tCAIS-sesame \r\n"),
    ];
    check(&[], &environment, "by-environment").await;
    let cli = "\u{feff}{\"current\":\"a\",\"profiles\":[{\"name\":\"a\",\"mode\":\"StsToken\",\"access_key_id\":\" by-cli\",\
               \"access_key_secret\":\"sesame\\r\\n\",\"sts_token\":\"\\ufeffCAIS-sesame\"}]}\r\n";
    check(&[(".aliyun/config.json", cli)], &[], "by-cli").await;
    let ini = "\u{feff}[default]\r\ntype = sts\r\naccess_key_id = \"by-file \"\r\naccess_key_secret = sesame \r\n\
               security_token = 'CAIS-sesame\t'\r\n";
    check(&[(".alibabacloud/credentials", ini)], &[], "by-file").await;
    let uri = format!(" http://{}/padded\n", services.address);
    let no_ecs = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    check(&[], &[("ALIBABA_CLOUD_CREDENTIALS_URI", &uri), no_ecs], "by-uri").await;
}

#[tokio::test]
async fn what_each_place_came_to_is_told() {
    let services = Services::start().await;
    let no_ecs = ("ALIBABA_CLOUD_ECS_METADATA_DISABLED", "true");
    let unfilled = r#"{"current":"a","profiles":[{"name":"a","mode":"AK","access_key_id":""}]}"#;
    let told = found(&home(&[(".aliyun/config.json", unfilled)]), &[no_ecs], &services).await;
    for part in [
        "ALIBABA_CLOUD_ACCESS_KEY_ID is not set",
        "config.json has no key in its profile \"a\"",
        ".alibabacloud/credentials is not there",
        "ALIBABA_CLOUD_ECS_METADATA_DISABLED is set",
        "ALIBABA_CLOUD_CREDENTIALS_URI is not set",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // An address that is configured is one to wait for.
    let metadata = Some("http://127.0.0.1:1".parse().unwrap());
    let later = CredentialEndpoints { metadata, ..CredentialEndpoints::default() };
    let source = CredentialsSource::find(|_| None, later).await.unwrap();
    let told = source.current().await.unwrap_err().to_string();
    assert!(told.contains("at the moment: the metadata service: cannot connect to 127.0.0.1:1"), "{told}");
    let uri = format!("http://{}/nothing", services.address);
    let told = found(&home(&[]), &[no_ecs, ("ALIBABA_CLOUD_CREDENTIALS_URI", &uri)], &services).await;
    assert!(told.contains("ALIBABA_CLOUD_CREDENTIALS_URI: gives no credentials") && told.contains("NoRole"), "{told}");
    assert!(!told.contains("sesame"), "{told}");
}
