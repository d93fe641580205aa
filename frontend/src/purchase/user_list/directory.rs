//! What a list of users asks of the directory, and writes to it. Past the caches: what is known decides what is written.

use shared::{
    Code, Problem,
    actions::{CreateUser, DescribeActivityDirectoryUsers, ModifyUser, UserInfo, Users},
    ids::RegionId,
    reads,
    user::{ExistingUserName, UserName},
    user_list::Standing,
};

use crate::api;

/// The users of the directory as they are now, or those with a name like this.
pub(super) async fn directory(region: &RegionId, name: Option<&str>) -> Result<Users, Problem> {
    let request = DescribeActivityDirectoryUsers { user_name: name.map(str::to_owned) };
    api::read(&api::fetch_new(&reads::action(Some(region), &request)).await?)
}

/// The user of just this name, if the directory has an address of it by now: one that the page would overwrite.
pub(super) async fn with_email(region: &RegionId, name: &str) -> Result<Option<UserInfo>, Problem> {
    let found = directory(region, Some(name)).await?.users;
    Ok(found.into_iter().find(|user| user.name == name && !user.email.trim().is_empty()))
}

/// The request that writes a row; `None` for a name that cannot be one.
pub(super) fn request(
    region: &RegionId,
    standing: &Standing,
) -> Option<impl std::future::Future<Output = Result<String, Problem>> + use<>> {
    let user = standing.user()?.clone();
    let email = user.email.try_into().ok()?;
    if matches!(standing, Standing::Create(_)) {
        let user_name = UserName::try_from(user.name).ok()?;
        Some(api::write(region, &CreateUser { user_name, email }))
    } else {
        let user_name = ExistingUserName::try_from(user.name).ok()?;
        Some(api::write(region, &ModifyUser { user_name, email }))
    }
}

/// Whether a refusal is about one user, so that the next may be written all the same.
pub(super) const fn is_of_the_row(code: Code) -> bool {
    matches!(
        code,
        Code::UserRefused
            | Code::UserNameEmpty
            | Code::UserNameTooLong
            | Code::UserNameInvalid
            | Code::EmailInvalid
            | Code::InvalidParameter
            | Code::NotFound
            | Code::UpstreamRejected
    )
}
