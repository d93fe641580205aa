//! The closed list of actions. Each is declared once, in a file of its own; whatever is not here never leaves the proxy.

mod create_desktop;
mod create_user;
mod delete_desktop;
mod describe_activity_directory_users;
mod describe_available_resource;
mod describe_desktop_owner;
mod describe_desktop_type_items;
mod describe_images;
mod describe_regions;
mod describe_v_switches;
mod describe_zones;
mod modify_user;
mod renew_desktop;

pub use create_desktop::*;
pub use create_user::*;
pub use delete_desktop::*;
pub use describe_activity_directory_users::*;
pub use describe_available_resource::*;
pub use describe_desktop_owner::*;
pub use describe_desktop_type_items::*;
pub use describe_images::*;
pub use describe_regions::*;
pub use describe_v_switches::*;
pub use describe_zones::*;
pub use modify_user::*;
pub use renew_desktop::*;

/// Whether a count says nothing, so that it need not be written.
#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &u32) -> bool {
    *count == 0
}

/// Runs `$body` with `$A` standing for the action that has this name, or `$otherwise` if none has it:
/// `with_action!(name, A => call::<A>(), _ => not_found())`. Code that some action does not fit does not compile.
#[macro_export]
macro_rules! with_action {
    // The list, handed on to one of the two rules below.
    (@list $rule:tt $arguments:tt) => {
        $crate::with_action! { $rule $arguments
            DescribeRegions DescribeDesktopTypeItems DescribeDesktopOwner DescribeImages
            DescribeActivityDirectoryUsers CreateUser ModifyUser DescribeAvailableResource
            CreateDesktop RenewDesktop DeleteDesktop DescribeZones DescribeVSwitches
        }
    };
    (arms (($name:expr) ($A:ident) ($body:expr) ($otherwise:expr)) $($Action:ident)*) => {
        match $name {
            $(<$crate::actions::$Action as $crate::Action>::NAME => {
                type $A = $crate::actions::$Action;
                $body
            })*
            _ => $otherwise,
        }
    };
    (names () $($Action:ident)*) => { &[$(<$crate::actions::$Action as $crate::Action>::NAME),*] };
    ($name:expr, $A:ident => $body:expr, _ => $otherwise:expr) => {
        $crate::with_action!(@list arms (($name) ($A) ($body) ($otherwise)))
    };
}

/// The names of all actions.
pub const NAMES: &[&str] = with_action!(@list names ());
