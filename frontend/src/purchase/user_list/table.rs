//! The table of a list of users.

use leptos::prelude::*;
use shared::{user::clean_email, user_list::Standing};

use super::line::{Line, Mark};
use crate::{
    reactive::changing,
    text::{Text, UserListText, fill},
};

/// The rows with what each means, and what became of it.
pub fn table(t: &'static UserListText, common: &'static Text, lines: &[Line]) -> AnyView {
    if lines.is_empty() {
        return ().into_any();
    }
    let row = |(index, line): (usize, &Line)| {
        // As the directory has it, or will have it, if it is the one that is meant.
        let user = line.standing.user();
        let name = user.map_or_else(|| line.listed.name.clone(), |user| user.name.clone());
        let email = user.map_or_else(|| line.listed.email.clone(), |user| user.email.clone());
        let line = line.clone();
        view! {
            <tr>
                <td>{index + 1}</td>
                <td>{name}</td>
                <td>{email}</td>
                <td>{changing(move || told(t, common, &line))}</td>
            </tr>
        }
    };
    view! {
        <div class="picks" tabindex="0" role="region" aria-label=t.rows>
            <table class="user-list">
                <thead>
                    <tr>
                        <th scope="col">{t.row}</th>
                        <th scope="col">{common.deferred().user_name}</th>
                        <th scope="col">{common.email}</th>
                        <th scope="col">{t.result}</th>
                    </tr>
                </thead>
                <tbody>{lines.iter().enumerate().map(row).collect_view()}</tbody>
            </table>
        </div>
    }
    .into_any()
}

/// What a row means, or what became of it.
fn told(t: &UserListText, common: &Text, line: &Line) -> AnyView {
    let (class, text) = match line.mark.get() {
        Mark::Writing => ("state working", t.writing.to_owned()),
        Mark::Created => ("state good", t.created.to_owned()),
        Mark::EmailAdded => ("state good", t.email_added.to_owned()),
        Mark::Refused(code) => ("state bad", (common.code)(code).to_owned()),
        Mark::Unknown => ("state doubt", t.unknown.to_owned()),
        Mark::None => match &line.standing {
            Standing::InDirectory(user) => {
                let listed = clean_email(&line.listed.email);
                let is_other = !listed.is_empty() && !listed.eq_ignore_ascii_case(&user.email);
                ("state good", if is_other { t.email_stays } else { t.in_directory }.to_owned())
            }
            Standing::OtherEmail(user) => ("state doubt", fill(t.other_email, &[&user.email])),
            Standing::AddEmail(_) => ("state working", t.adds_email.to_owned()),
            Standing::Create(_) => ("state working", t.creates.to_owned()),
            Standing::WithoutEmail(true) => ("state bad", t.without_email.to_owned()),
            Standing::WithoutEmail(false) => ("state bad", t.new_without_email.to_owned()),
            Standing::Invalid(code) => ("state bad", (common.code)(*code).to_owned()),
            Standing::Duplicate(index) => ("state doubt", fill(t.duplicate, &[&(index + 1).to_string()])),
        },
    };
    view! { <span class=class>{text}</span> }.into_any()
}
