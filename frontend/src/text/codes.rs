//! The explanation of each error code: what it means to the person, and what to do.

use shared::Code;

/// In Chinese.
pub fn zh(code: Code) -> &'static str {
    match code {
        Code::MissingParameter => "缺少必填项。",
        Code::UnknownParameter => "请求中有不支持的参数，请刷新页面后重试。",
        Code::DuplicateParameter => "请求中有重复的参数，请刷新页面后重试。",
        Code::InvalidParameter => "该项的值不正确，请重新选择。",
        Code::UserNameEmpty => "请输入用户名。",
        Code::UserNameTooLong => "用户名最多 16 个字符。",
        Code::UserNameInvalid => "用户名中有不能使用的字符。",
        Code::EmailInvalid => "请输入正确的邮箱地址，例如 name@example.com。",
        Code::PeriodInvalid => "购买时长只能是 1–9、12、24 或 36 个月。",
        Code::PeriodRequired => "包年包月需要选择购买时长。",
        Code::PeriodNotAllowed => "按量付费不能指定购买时长。",
        Code::UnknownRegion => "该地域不可用，请换一个地域。",
        Code::UnknownAction | Code::NotFound | Code::MethodNotAllowed => "请求的内容不存在，请刷新页面后重试。",
        Code::BodyTooLarge => "提交的内容过大。",
        Code::UnsupportedMediaType
        | Code::MalformedBody
        | Code::AddressTooLong
        | Code::HeadersTooLarge
        | Code::UnknownHost
        | Code::CrossSite => "请求格式不正确，请刷新页面后重试。",
        Code::HttpVersionTooOld => "前置代理使用了 HTTP/1.0，无法导出，请联系管理员。",
        Code::SignInRequired => "登录已过期，请重新登录。已填写的内容会保留。",
        Code::NotAllowed => "你没有执行此操作的权限，请联系管理员。",
        Code::BuyerLimit => "超出了你可购买的桌面数量（每单或每日），请联系管理员。",
        Code::OverallLimit => "超出了全员的购买限额（每日或 30 天），请联系管理员。",
        Code::AmountLimit => "超出了你的购买金额限额（每单、每日或 30 天），请联系管理员。",
        Code::PeriodLimit => "购买时长超出了允许的上限，请选择更短的时长。",
        Code::TypeNotAllowed => "不允许购买该规格，请换一个规格。",
        Code::ApprovalDeclined => "审批人已驳回该订单，订单未执行。",
        Code::ApprovalExpired => "订单逾期未审批，未执行。",
        Code::OwnOrder => "不能审批自己提交的订单，请由其他审批人处理。",
        Code::NotAwaitingApproval => "该订单已不在待审批状态，可能已有人处理。",
        Code::PriceUnknown => "购买金额有限额，而该规格没有价格，因此不能购买。请联系管理员。",
        Code::ChoiceMissing => "请选择。",
        Code::UserWithoutEmail => "该用户没有邮箱地址，请先添加邮箱。",
        Code::OwnerNotActive => "该地域尚未完成云桌面配置。",
        Code::VSwitchUnavailable => "该交换机空闲地址不足或仍在创建中，请换一个交换机。",
        Code::ImageUnavailable => "该镜像不可用，请换一个镜像。",
        Code::TooManyOrders => "一次最多提交 500 个订单，请减少用户。",
        Code::SoldOut => "所选规格在该可用区已售罄，请换一个可用区或规格。",
        Code::TokenReused => "该订单的令牌已用于另一笔订单，请返回后重新确认。",
        Code::OutcomeUnknown => "未能确认是否已执行，可能已经成功。请先核实，不要重复操作。",
        Code::OrderExpired => "订单未能及时发出，未执行，请重新下单。",
        Code::JournalUnavailable => "服务暂时无法记录订单，因此没有提交购买。请稍后重试或联系管理员。",
        Code::DirectoryNotSet => "账号尚未设置 AD 域，请管理员先完成云桌面配置。",
        Code::DirectoryUnreachable => "暂时无法访问 AD，请稍后重试或联系管理员。",
        Code::UserRefused => "AD 拒绝创建该用户：用户名可能已存在或不符合规则。",
        Code::UpstreamRejected => "云厂商拒绝了该请求，请核对所选内容，或把请求 ID 交给管理员。",
        Code::Forbidden => "账号没有执行此操作的权限，请联系管理员。",
        Code::InsufficientBalance => "账号余额不足，请充值后重试。",
        Code::QuotaExceeded => "账号的可购买数量已达上限，请在云厂商控制台申请提高配额。",
        Code::RealNameRequired => "账号尚未完成实名认证，请在云厂商控制台完成后重试。",
        Code::RiskControl => "云厂商的风控拒绝了该账号的购买，请管理员联系云厂商。",
        Code::CredentialsUnavailable => "服务暂时没有可用的访问密钥，什么都没有提交。请稍后重试，或联系管理员。",
        Code::CredentialsRefused => "服务的访问密钥不可用，请联系管理员。",
        Code::ClockSkew => "服务的系统时间不正确，请联系管理员。",
        Code::Throttled | Code::TooManyRequests => "请求过于频繁，请稍后重试。",
        Code::UpstreamUnavailable => "云厂商服务暂时不可用，请稍后重试。",
        Code::UpstreamTimeout => "云厂商服务没有及时答复，请稍后重试。",
        Code::UpstreamUnintelligible => "云厂商服务的答复无法识别，请稍后重试或联系管理员。",
        Code::ProxyUnreachable | Code::BodyTooSlow => "无法连接服务，请检查网络后重试。",
        Code::Internal => "服务出现错误，请稍后重试，或把请求 ID 交给管理员。",
    }
}

/// In English.
pub fn en(code: Code) -> &'static str {
    match code {
        Code::MissingParameter => "Something required is missing.",
        Code::UnknownParameter => "The request has a parameter that is not known here. Reload the page and try again.",
        Code::DuplicateParameter => "The request has a parameter twice. Reload the page and try again.",
        Code::InvalidParameter => "This value is not accepted. Please choose again.",
        Code::UserNameEmpty => "Enter a user name.",
        Code::UserNameTooLong => "A user name has at most 16 characters.",
        Code::UserNameInvalid => "The user name has characters that cannot be used.",
        Code::EmailInvalid => "Enter an e-mail address, for example name@example.com.",
        Code::PeriodInvalid => "The duration can be 1–9, 12, 24 or 36 months.",
        Code::PeriodRequired => "A subscription needs a duration.",
        Code::PeriodNotAllowed => "Pay as you go takes no duration.",
        Code::UnknownRegion => "This region is not available. Please choose another.",
        Code::UnknownAction | Code::NotFound | Code::MethodNotAllowed => {
            "What was asked for does not exist. Reload the page and try again."
        }
        Code::BodyTooLarge => "This is too much to send.",
        Code::UnsupportedMediaType
        | Code::MalformedBody
        | Code::AddressTooLong
        | Code::HeadersTooLarge
        | Code::UnknownHost
        | Code::CrossSite => "The request is malformed. Reload the page and try again.",
        Code::HttpVersionTooOld => {
            "The server in front uses HTTP/1.0, which cannot be exported to. Ask your administrator."
        }
        Code::SignInRequired => "Your sign-in has ended. Sign in again; what you entered is kept.",
        Code::NotAllowed => "You may not do this. Ask your administrator.",
        Code::BuyerLimit => "This is more desktops than you may buy at once or in a day. Ask your administrator.",
        Code::OverallLimit => {
            "This is more than all people together may buy in a day or in 30 days. Ask your administrator."
        }
        Code::AmountLimit => {
            "This costs more than you may spend with one order, in a day or in 30 days. Ask your administrator."
        }
        Code::PeriodLimit => "This is longer than is allowed. Choose a shorter duration.",
        Code::TypeNotAllowed => "This type may not be bought. Choose another.",
        Code::ApprovalDeclined => "An approver declined this order, so nothing was sent.",
        Code::ApprovalExpired => "Nobody decided about this order in time, so nothing was sent.",
        Code::OwnOrder => "You cannot decide about an order of your own. Another approver has to.",
        Code::NotAwaitingApproval => "This order does not await approval any more: somebody may have decided.",
        Code::PriceUnknown => {
            "Spending is limited and this type has no price, so it cannot be bought. Ask your administrator."
        }
        Code::ChoiceMissing => "Please choose.",
        Code::UserWithoutEmail => "This user has no e-mail address. Add one first.",
        Code::OwnerNotActive => "Cloud desktops are not set up in this region yet.",
        Code::VSwitchUnavailable => {
            "This vSwitch has too few free addresses or is still being created. Choose another."
        }
        Code::ImageUnavailable => "This image cannot be used. Choose another.",
        Code::TooManyOrders => "At most 500 orders can be placed at once. Choose fewer users.",
        Code::SoldOut => "This type is sold out in this zone. Choose another zone or type.",
        Code::TokenReused => "The token of this order was used for another one. Go back and review the order again.",
        Code::OutcomeUnknown => {
            "Whether this was carried out is not known; it may have been. Check first, and do not repeat it."
        }
        Code::OrderExpired => "This order could not be sent in time, so nothing was bought. Order again.",
        Code::JournalUnavailable => {
            "The order could not be recorded, so nothing was bought. Try again later or ask your administrator."
        }
        Code::DirectoryNotSet => {
            "The account has no Active Directory domain yet. An administrator has to complete the set-up."
        }
        Code::DirectoryUnreachable => "Active Directory cannot be reached. Try again later or ask your administrator.",
        Code::UserRefused => "Active Directory refused this user: the name may be taken or against its rules.",
        Code::UpstreamRejected => {
            "The cloud refused this. Check your choices, or give the request ID to your administrator."
        }
        Code::Forbidden => "The account may not do this. Ask your administrator.",
        Code::InsufficientBalance => "The account's balance is too low. Top it up and try again.",
        Code::QuotaExceeded => {
            "The account's quota is used up. Ask for a higher one in the vendor's console, then try again."
        }
        Code::RealNameRequired => {
            "The account's holder is not verified yet. Complete the real-name verification in the vendor's console."
        }
        Code::RiskControl => {
            "The cloud's risk control refused purchases of this account. Ask your administrator to contact the vendor."
        }
        Code::CredentialsUnavailable => {
            "The service has no valid access key at the moment, so nothing was sent. Try again later, or ask your administrator."
        }
        Code::CredentialsRefused => "The service's access key is not accepted. Ask your administrator.",
        Code::ClockSkew => "The service's clock is wrong. Ask your administrator.",
        Code::Throttled | Code::TooManyRequests => "Too many requests at the moment. Try again shortly.",
        Code::UpstreamUnavailable => "The cloud service is not available at the moment. Try again shortly.",
        Code::UpstreamTimeout => "The cloud service did not answer in time. Try again shortly.",
        Code::UpstreamUnintelligible => {
            "The cloud service's answer could not be understood. Try again later or ask your administrator."
        }
        Code::ProxyUnreachable | Code::BodyTooSlow => {
            "The service cannot be reached. Check your connection and try again."
        }
        Code::Internal => "The service made a mistake. Try again, or give the request ID to your administrator.",
    }
}
