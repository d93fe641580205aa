//! Handlers of the directory: list, create and modify users.

use shared::actions::{
    CreateUser, CreatedUser, DescribeActivityDirectoryUsers, ModifiedUser, ModifyUser, UserInfo, Users,
};

use super::{Context, Handle};
use crate::{
    Kind,
    error::Error,
    script::Script,
    state::User,
    world::{World, WriteUser},
};

/// Creating users with this prefix fails: a way to see the failure without any scenario.
const SENTINEL: &str = "fail-";

impl Handle<DescribeActivityDirectoryUsers> for World {
    fn handle(&mut self, request: &DescribeActivityDirectoryUsers, _: &mut Context<'_>) -> Result<Users, Error> {
        let row = |user: &User| UserInfo { name: user.name.clone(), email: user.email.clone() };
        let text = request.user_name.as_deref().map(str::to_lowercase);
        let wanted = |user: &&User| text.as_ref().is_none_or(|text| user.name.to_lowercase().contains(text));
        Ok(Users { users: self.users.all().iter().filter(wanted).map(row).collect(), skipped: 0 })
    }
}

/// The directory error of the active scenario, with the document's texts.
fn directory_fault(script: &Script, name: &str) -> Option<Error> {
    if script.is_on(Kind::AdDomainMissing) {
        Some(Error::directory("Domain name must be set!"))
    } else if script.is_on(Kind::AdAccessFailed) {
        Some(Error::directory("AD access failed！"))
    } else if script.is_on(Kind::AdCreateFailed) || name.starts_with(SENTINEL) {
        Some(not_created(name))
    } else {
        None
    }
}

fn not_created(name: &str) -> Error {
    Error::directory(format!("Create user {name} failed!"))
}

impl Handle<CreateUser> for World {
    fn handle(&mut self, request: &CreateUser, context: &mut Context<'_>) -> Result<CreatedUser, Error> {
        let (name, email) = (request.user_name.as_str(), request.email.as_str());
        if let Some(error) = directory_fault(context.script, name) {
            return Err(error);
        }
        match self.users.create(name, email) {
            WriteUser::Done => {
                Ok(CreatedUser { user_info: Some(UserInfo { name: name.to_owned(), email: email.to_owned() }) })
            }
            WriteUser::Exists | WriteUser::Missing => Err(not_created(name)),
        }
    }
}

impl Handle<ModifyUser> for World {
    fn handle(&mut self, request: &ModifyUser, _: &mut Context<'_>) -> Result<ModifiedUser, Error> {
        match self.users.modify(request.user_name.as_str(), request.email.as_str()) {
            WriteUser::Done => Ok(ModifiedUser {}),
            WriteUser::Missing | WriteUser::Exists => Err(Error::not_found("UserName")),
        }
    }
}
