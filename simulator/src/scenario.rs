//! Scenarios: the faults that can be switched on, with names and explanations. [`crate::script`] decides when one
//! strikes; [`crate::answer`] makes broken answers.

use shared::actions::NAMES;

/// Declares the kinds of scenarios with their names and one-line explanations.
macro_rules! kinds {
    ($($Kind:ident = $name:literal, $scope:ident, $explanation:literal;)+) => {
        /// A kind of fault. [`Kind::explanation`] explains each.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Kind {
            $(
                #[doc = concat!("The scenario `", $name, "`.")]
                $Kind,
            )+
        }

        impl Kind {
            /// All kinds.
            pub const ALL: &[Self] = &[$(Self::$Kind),+];

            /// The name on the command line.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$Kind => $name),+ }
            }

            /// What happens, in one line.
            #[must_use]
            pub const fn explanation(self) -> &'static str {
                match self { $(Self::$Kind => $explanation),+ }
            }

            /// Whether the name can be limited to one action, as in `slow:DescribeImages`.
            #[must_use]
            pub const fn takes_action(self) -> bool {
                match self { $(Self::$Kind => kinds!(@scope $scope)),+ }
            }
        }
    };
    (@scope whole) => { false };
    (@scope action) => { true };
}

kinds! {
    SoldOut = "sold-out", whole, "Every type is sold out everywhere";
    SoldOutZone = "sold-out-zone", whole, "Every type is sold out in each region's second zone";
    SoldOutBeforePurchase = "sold-out-before-purchase", whole,
        "The first stock answer for a type, zone and billing kind is yes, all later ones are no";
    SoldOutAtPurchase = "sold-out-at-purchase", whole, "Stock answers are as always, but CreateDesktop is refused as sold out";
    SeventeenLeft = "seventeen-left", whole, "Seventeen desktops are in stock all together, counted from the start or the last reset";
    OwnerConfig = "owner-config", whole, "The account is still being set up: status Config, no network";
    NoVSwitch = "no-vswitch", whole, "No vSwitch in each region's second zone";
    VSwitchPending = "vswitch-pending", whole, "All vSwitches of each region's second zone are still being made";
    AdDomainMissing = "ad-domain-missing", whole, "CreateUser answers that no domain name is set, with HTTP 200";
    AdCreateFailed = "ad-create-failed", whole, "CreateUser answers that the user was not created, with HTTP 200";
    AdAccessFailed = "ad-access-failed", whole, "CreateUser answers that the directory is out of reach, with HTTP 200";
    InsufficientBalance = "insufficient-balance", whole, "CreateDesktop and RenewDesktop are refused for want of money";
    Forbidden = "forbidden", action, "Writes (or the one action named) are refused for want of permission";
    Throttled = "throttled", action, "The first two calls of each action are throttled, one of them with Retry-After: 1";
    ThrottledAlways = "throttled-always", action, "Every call is throttled";
    NonceUsed = "nonce-used", action, "The first call of each action is refused as a replay; nothing is carried out";
    TokenExpired = "token-expired", action, "The first call of each action is told that its security token has expired";
    ClockSkew = "clock-skew", whole, "The server's clock is an hour ahead, in the Date header and in the check of timestamps";
    Slow = "slow", action, "Answers come after 1.5 seconds; a write is carried out at once";
    SlowFirstZone = "slow-first-zone", whole,
        "DescribeVSwitches and DescribeAvailableResource of the first zone answer after 1.5 seconds";
    FailFirstZone = "fail-first-zone", whole,
        "DescribeVSwitches and DescribeAvailableResource of the first zone are answered with HTTP 503";
    HangFirstZone = "hang-first-zone", whole,
        "DescribeVSwitches and DescribeAvailableResource of the first zone are never answered";
    Hang = "hang", action, "No answer ever; nothing is carried out";
    Html = "html", action, "HTTP 502 with a page of HTML; nothing is carried out";
    Fail = "fail", action, "HTTP 503 ServiceUnavailable; nothing is carried out";
    Fail500 = "fail-500", action, "HTTP 500 InternalError; nothing is carried out";
    Http200Error = "http-200-error", action, "HTTP 200 whose body says InternalError; nothing is carried out";
    Empty = "empty", action, "All lists are empty";
    OddItems = "odd-items", action, "Each list has one more entry, which cannot be read";
    Fractions = "fractions", whole, "Desktop types with 1.5 GB of memory, half a GPU, and a disk of \"50G\"";
    CutOff = "cut-off", action, "The connection breaks in the middle of the body; a write is carried out";
    WrongTypes = "wrong-types", action, "Members have types that they cannot have; a write is carried out";
    NoIds = "no-ids", whole, "CreateDesktop buys, but its answer has neither OrderId nor DesktopId";
    CommitThenDrop = "commit-then-drop", action,
        "The first write for a ClientToken (or user, or desktop) is carried out and the connection closed without an answer";
    CommitThen503 = "commit-then-503", action,
        "The first write for a ClientToken (or user, or desktop) is carried out and answered with HTTP 503";
    CommitThenHang = "commit-then-hang", action,
        "The first write for a ClientToken (or user, or desktop) is carried out and never answered";
    Strange = "strange", action,
        "Writes are answered in forms that nobody has documented, some of them before the ClientToken is looked at, by seed; reads list odd items";
    Chaos = "chaos", action, "About a quarter of the calls meets one of the passing faults above, by seed";
}

/// An active fault, for all actions or for one. As a text: `name` or `name:Action`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Scenario {
    /// The kind of fault.
    pub kind: Kind,
    /// The only action that it applies to.
    pub action: Option<&'static str>,
}

impl Scenario {
    /// Whether it applies to this action.
    #[must_use]
    pub fn covers(&self, action: &str) -> bool {
        self.action.is_none_or(|only| only == action)
    }

    /// All kinds with their explanations, a line each, for `--help`.
    #[must_use]
    pub fn table() -> String {
        let usage = |kind: &Kind| format!("{}{}", kind.name(), if kind.takes_action() { "[:Action]" } else { "" });
        let lines = Kind::ALL.iter().map(|kind| format!("  {:26} {}", usage(kind), kind.explanation()));
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl From<Kind> for Scenario {
    fn from(kind: Kind) -> Self {
        Self { kind, action: None }
    }
}

impl std::fmt::Display for Scenario {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(self.kind.name())?;
        self.action.map_or(Ok(()), |action| write!(out, ":{action}"))
    }
}

/// Why a text is no scenario. The message lists the known ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownScenario {
    /// No scenario has this name.
    Name(String),
    /// The scenario exists, but cannot be limited to an action.
    TakesNoAction(Kind),
    /// There is no action of this name.
    Action(String),
}

impl std::fmt::Display for UnknownScenario {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Name(name) => {
                let known: Vec<_> = Kind::ALL.iter().map(|kind| kind.name()).collect();
                write!(out, "there is no scenario {name:?}; there are {}", known.join(", "))
            }
            Self::TakesNoAction(kind) => write!(out, "the scenario {} is not for single actions", kind.name()),
            Self::Action(name) => write!(out, "there is no action {name:?}; there are {}", NAMES.join(", ")),
        }
    }
}

impl std::error::Error for UnknownScenario {}

impl std::str::FromStr for Scenario {
    type Err = UnknownScenario;
    fn from_str(text: &str) -> Result<Self, UnknownScenario> {
        let (name, action) = text.split_once(':').map_or((text, None), |(name, action)| (name, Some(action)));
        let known = Kind::ALL.iter().copied().find(|kind| kind.name() == name);
        let kind = known.ok_or_else(|| UnknownScenario::Name(name.to_owned()))?;
        let Some(action) = action else { return Ok(kind.into()) };
        if !kind.takes_action() {
            return Err(UnknownScenario::TakesNoAction(kind));
        }
        let action = NAMES.iter().copied().find(|known| *known == action);
        match action {
            Some(action) => Ok(Self { kind, action: Some(action) }),
            None => Err(UnknownScenario::Action(text.split_once(':').map_or("", |(_, action)| action).to_owned())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        let check = |text: &str, kind: Kind, action: Option<&str>| {
            let scenario: Scenario = text.parse().unwrap();
            assert_eq!((scenario.kind, scenario.action, scenario.to_string().as_str()), (kind, action, text));
        };
        check("sold-out", Kind::SoldOut, None);
        check("slow", Kind::Slow, None);
        check("slow:DescribeImages", Kind::Slow, Some("DescribeImages"));
        check("fail-500:CreateDesktop", Kind::Fail500, Some("CreateDesktop"));
        for kind in Kind::ALL {
            check(kind.name(), *kind, None);
        }
    }

    #[test]
    fn unknown_texts_tell_the_known_ones() {
        let check = |text: &str, expect: &str| {
            let message = text.parse::<Scenario>().unwrap_err().to_string();
            assert!(message.contains(expect), "{text}: {message}");
        };
        check("sold", "sold-out-zone");
        check("", "sold-out-zone");
        check("Slow", "slow-first-zone");
        check("slow:Describe", "DescribeImages");
        check("slow:", "DescribeImages");
        check("sold-out:CreateDesktop", "not for single actions");
    }

    #[test]
    fn the_table_has_a_line_for_each() {
        assert_eq!(Scenario::table().lines().count(), Kind::ALL.len());
        assert!(Scenario::table().contains("  slow[:Action] "));
    }
}
