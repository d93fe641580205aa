//! The texts that no first view shows, in both languages. They come with the deferred module (`crate::deferred`), as long as
//! nothing that is called before asks for them.

use shared::language::Language;

use super::page::Text;

/// The texts.
pub struct DeferredText {
    pub shortcut_keys: &'static [(&'static str, &'static str)],
    pub shortcuts_single: &'static str,
    pub close: &'static str,

    // The on-demand module
    pub on_demand_awaited: &'static str,
    pub on_demand_failed: &'static str,

    // What buttons say
    pub copied: &'static str,
    pub cancel: &'static str,

    // What terms mean, by the sections of the page
    pub help_basics: &'static [(&'static str, &'static str)],
    pub help_network: &'static [(&'static str, &'static str)],
    pub help_image: &'static [(&'static str, &'static str)],
    pub help_user: &'static [(&'static str, &'static str)],
    pub desktops_and_months: &'static str,

    // Users
    pub no_email_explained: &'static str,
    pub user_name: &'static str,
    pub user_name_hint: &'static str,
    pub email_hint: &'static str,
    pub create_user: &'static str,
    pub save_email: &'static str,
    pub saving: &'static str,
    pub user_created: &'static str,
    pub email_added: &'static str,

    // Limits
    pub limits_left: &'static str,
    pub limits_between: &'static str,
    pub limit_period: &'static str,
    pub limit_order: &'static str,
    pub limit_day: &'static str,
    pub limit_month: &'static str,
    pub limit_day_of_all: &'static str,
    pub limit_month_of_all: &'static str,
    pub will_await: &'static str,
    pub limit_exceeded: &'static str,

    // The order as code
    pub code_for: &'static str,
    pub code_note: &'static str,
    pub code_token: &'static str,

    // Review and order
    pub review: &'static str,
    pub review_post_pay: &'static str,
    pub review_pre_pay: &'static str,
    pub place_order: &'static str,
    pub placing: &'static str,
    pub retry_place: &'static str,
    pub user_unknown: &'static str,
    pub place_unknown: &'static str,
    pub back_to_form: &'static str,
    pub placed_recently: &'static str,
    pub you: &'static str,
    pub moments_ago: &'static str,
    pub minutes_ago: &'static str,
    pub place_anyway: &'static str,
    pub view_order: &'static str,

    // Answers that came late
    pub late_placed: &'static str,
    pub late_again: &'static str,
    pub late_closed: &'static str,
    pub late_unknown: &'static str,
    pub late_refused: &'static str,
    pub copy_failed: &'static str,
}

impl Text {
    /// The texts that come with the deferred module. Not inlined, so that they are reached through this function alone.
    #[inline(never)]
    pub fn deferred(&self) -> &'static DeferredText {
        match self.document.language {
            Language::Chinese => &ZH,
            Language::English => &EN,
        }
    }
}

/// Chinese.
static ZH: DeferredText = DeferredText {
    shortcut_keys: &[
        ("?", "显示本列表"),
        ("/", "跳到搜索框"),
        ("Ctrl + Enter", "查看订单（相当于“立即购买”）"),
        ("↑ ↓ Home End", "在列表中移动；直接输入文字即可搜索"),
        ("Enter", "选中当前行"),
        ("Esc", "关闭对话框"),
    ],
    shortcuts_single: "启用 ? 和 / 快捷键",
    close: "关闭",
    on_demand_awaited: "页面的这一部分仍在加载。",
    on_demand_failed: "页面的这一部分未能加载，正在重试。",
    copied: "已复制",
    cancel: "取消",
    help_basics: &[
        ("按量付费", "从桌面创建起按使用量计费，直到释放为止。"),
        ("包年包月", "按所选月数预先付费，可以续费，不能提前释放。"),
        ("地域", "桌面所在的地区，购买后不能更改。"),
    ],
    help_network: &[
        ("可用区", "地域内的一个机房，各有各的库存。"),
        ("交换机", "专有网络（VPC）在一个可用区内的部分，桌面占用其中一个空闲地址。"),
    ],
    help_image: &[
        ("系统镜像", "阿里云提供的 Windows。"),
        ("自定义镜像", "贵公司用一台桌面制作的镜像，带有自己的程序和设置。"),
    ],
    help_user: &[
        ("用户", "用这个名称登录桌面，登录方式会发到其邮箱。搜索时也可输入拼音首字母，例如 zw 可找到“张伟”。"),
        ("用户组", "用户在桌面上的权限：普通使用，或同时可以管理。"),
    ],
    desktops_and_months: "{}（购买台数与续费月数合计）",
    no_email_explained: "用户“{}”没有邮箱地址，收不到桌面的通知。添加邮箱后才能为其购买。",
    user_name: "用户名",
    user_name_hint: "最多 16 个字符",
    email_hint: "用于接收桌面的登录信息",
    create_user: "创建用户",
    save_email: "保存邮箱",
    saving: "正在保存…",
    user_created: "已创建用户“{}”并选中。",
    email_added: "已为“{}”添加邮箱。",
    limits_left: "限额：{}",
    limits_between: "；",
    limit_period: "最长 {} 个月",
    limit_order: "每单 {}",
    limit_day: "24 小时内你还可用 {}（共 {}）",
    limit_month: "30 天内你还可用 {}（共 {}）",
    limit_day_of_all: "24 小时内全员还可用 {}（共 {}）",
    limit_month_of_all: "30 天内全员还可用 {}（共 {}）",
    will_await: "该订单需要审批，批准后才会购买。以下说明自批准起适用。",
    limit_exceeded: "超出限额：{}。请联系管理员。",
    code_for: "代码",
    code_note: "不含密钥。代码带有这笔订单的编号，与在此提交一起运行也只会购买一次。",
    code_token: "DESKBUY_TOKEN 为 API 令牌，请向管理员索取。",
    review: "确认订单",
    review_post_pay: "提交后立即创建桌面并开始按量计费，直到释放为止。",
    review_pre_pay: "提交后立即创建桌面，并收取 {} 的费用。",
    place_order: "提交订单",
    placing: "正在提交…",
    retry_place: "重新提交",
    user_unknown: "没有收到服务的答复，可能已经保存。用户列表正在重新读取，请先在列表中核对。",
    place_unknown: "没有收到服务的答复，订单可能已经提交。在此重新提交的是同一笔订单，不会重复购买。",
    back_to_form: "返回修改",
    placed_recently: "{}{}已为“{}”提交过相同配置的订单。",
    you: "您",
    moments_ago: "刚刚",
    minutes_ago: "{} 分钟前",
    place_anyway: "仍要再买，我确认不是重复提交",
    view_order: "查看订单",
    late_placed: "“{}”的订单已提交。",
    late_again: "“{}”的订单没有提交：刚刚已提交过相同的订单。",
    late_closed: "“{}”的订单没有提交：在发送之前，确认窗口已关闭。",
    late_unknown: "“{}”的订单没有收到答复，可能已经提交。",
    late_refused: "“{}”的订单没有提交：{}",
    copy_failed: "浏览器不允许复制，请选中文字后手动复制。",
};

/// English.
static EN: DeferredText = DeferredText {
    shortcut_keys: &[
        ("?", "Show this list"),
        ("/", "Go to the search field"),
        ("Ctrl + Enter", "Review the order, as “Buy now” does"),
        ("↑ ↓ Home End", "Move in a list; typing searches it"),
        ("Enter", "Choose the row"),
        ("Esc", "Close a dialog"),
    ],
    shortcuts_single: "Shortcuts ? and / are on",
    close: "Close",
    on_demand_awaited: "This part of the page is still loading.",
    on_demand_failed: "This part of the page could not be loaded. It is tried again.",
    copied: "Copied",
    cancel: "Cancel",
    help_basics: &[
        ("Pay as you go", "Charged for use, from the creation of the desktop until you release it."),
        ("Subscription", "Paid ahead for the months chosen. It can be renewed, and is not released early."),
        ("Region", "Where the desktop runs. It cannot be changed later."),
    ],
    help_network: &[
        ("Zone", "A data centre of the region. Each has its own stock."),
        (
            "VSwitch",
            "The part of your network (VPC) that lies in one zone. The desktop takes one of its free addresses.",
        ),
    ],
    help_image: &[
        ("System", "Windows as Alibaba Cloud provides it."),
        ("Custom", "Made by your company from one of its desktops."),
    ],
    help_user: &[
        (
            "User",
            "Signs in to the desktop with this name. The details for it go to the user's e-mail address. Initials find a Chinese name too: zw finds 张伟.",
        ),
        ("User group", "What the user may do on the desktop: work with it, or administer it too."),
    ],
    desktops_and_months: "{} (desktops bought plus months renewed)",
    no_email_explained: "“{}” has no e-mail address and would not hear of the desktop. Add one to buy a desktop for this user.",
    user_name: "User name",
    user_name_hint: "At most 16 characters",
    email_hint: "Receives the sign-in details of the desktop",
    create_user: "Create user",
    save_email: "Save email",
    saving: "Saving…",
    user_created: "“{}” was created and chosen.",
    email_added: "The e-mail address of “{}” was added.",
    limits_left: "Limits: {}",
    limits_between: "; ",
    limit_period: "longest period in months: {}",
    limit_order: "{} an order",
    limit_day: "{} of {} left for you in 24 hours",
    limit_month: "{} of {} left for you in 30 days",
    limit_day_of_all: "{} of {} left for all in 24 hours",
    limit_month_of_all: "{} of {} left for all in 30 days",
    will_await: "This order will wait for an approver before anything is bought. What follows holds from the approval on.",
    limit_exceeded: "This is more than the limit: {}. Ask your administrator.",
    code_for: "Code for",
    code_note: "It contains no key. It carries this order's token, so running it beside placing the order here buys once.",
    code_token: " DESKBUY_TOKEN is an API token; your administrator has them.",
    review: "Review order",
    review_post_pay: "The desktop is created at once and charged by use until it is released.",
    review_pre_pay: "The desktop is created at once, and you are charged for {}.",
    place_order: "Place order",
    placing: "Placing…",
    retry_place: "Place again",
    user_unknown: "There was no answer; it may have been saved. The list of users is read again: look there first.",
    place_unknown: "There was no answer; the order may have been placed. Placing it again here is safe: one order never buys twice.",
    back_to_form: "Back to the form",
    placed_recently: "{} placed this {}, for {}.",
    you: "You",
    moments_ago: "moments ago",
    minutes_ago: "{} minute{s} ago",
    place_anyway: "Yes, buy it once more",
    view_order: "View the order",
    late_placed: "The order for {} was placed.",
    late_again: "The order for {} was not placed: the same was placed a short time ago.",
    late_closed: "The order for {} was not placed: the review was closed before it was sent.",
    late_unknown: "No answer came to the order for {}. It may have been placed.",
    late_refused: "The order for {} was not placed: {}",
    copy_failed: "The browser does not allow copying. Please select the text and copy it yourself.",
};
