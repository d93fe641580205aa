//! The texts that the document and the page both show. The page's other texts are in the page.

use crate::language::Language;

/// The texts in one language. `{}` stands for what is put in.
#[derive(Debug)]
pub struct DocumentText {
    /// The language.
    pub language: Language,
    /// The heading of the purchase, and its title.
    pub title: &'static str,
    /// The banner of a demo.
    pub demo_banner: &'static str,
    /// The link behind it.
    pub demo_faults: &'static str,
    /// The banner for people who may not buy.
    pub only_looks: &'static str,
    /// The name of a section's help, about `{}`.
    pub help: &'static str,
    /// The terms of the list and what they mean.
    pub help_types: &'static [(&'static str, &'static str)],
    /// The heading of the list, and its name.
    pub desktop_type: &'static str,
    /// The name of the filter by family.
    pub family: &'static str,
    /// All families.
    pub family_all: &'static str,
    /// Types without a GPU.
    pub family_common: &'static str,
    /// Types with a GPU.
    pub family_gpu: &'static str,
    /// Column of virtual cores.
    pub vcpu: &'static str,
    /// Column of memory.
    pub memory: &'static str,
    /// Column of GPUs.
    pub gpu: &'static str,
    /// Column of system disks.
    pub system_disk: &'static str,
    /// Column of user disks.
    pub user_disk: &'static str,
    /// Column of stock.
    pub stock: &'static str,
    /// In stock in all zones.
    pub in_stock_short: &'static str,
    /// In stock in some zones, by their letters.
    pub in_zones: fn(&[String]) -> String,
    /// Sold out in all zones.
    pub sold_out_short: &'static str,
    /// Stock of which there is no answer.
    pub not_known: &'static str,
    /// Column of prices with pay as you go.
    pub price_per_hour: &'static str,
    /// Column of prices with a subscription.
    pub price_per_month: &'static str,
    /// A kind of disk, by the upstream's name for it.
    pub disk: fn(&str) -> Option<&'static str>,
}

impl DocumentText {
    /// The texts of a language.
    #[must_use]
    pub const fn of(language: Language) -> &'static Self {
        match language {
            Language::Chinese => &ZH,
            Language::English => &EN,
        }
    }
}

static ZH: DocumentText = DocumentText {
    language: Language::Chinese,
    title: "购买云桌面",
    demo_banner: "演示环境：数据来自内置模拟器，不会产生真实的购买与费用。",
    demo_faults: "看看出错时会怎样",
    only_looks: "你可以查看，但不能购买。如需购买，请联系管理员。",
    help: "术语说明：{}",
    help_types: &[
        ("系统盘", "存放 Windows 和程序。"),
        ("用户盘", "存放用户的文件。"),
        ("库存", "列出可用区时（“B 区”即可用区 B），在这些可用区能买到；其余可用区没有，或尚未查到。"),
    ],
    desktop_type: "桌面规格",
    family: "规格类型",
    family_all: "全部",
    family_common: "通用型",
    family_gpu: "GPU 型",
    vcpu: "vCPU",
    memory: "内存",
    gpu: "GPU",
    system_disk: "系统盘",
    user_disk: "用户盘",
    stock: "库存",
    in_stock_short: "有货",
    in_zones: |zones| format!("{} 区", zones.join("、")),
    sold_out_short: "售罄",
    not_known: "未知",
    price_per_hour: "价格 / 小时",
    price_per_month: "价格 / 月",
    disk: |kind| {
        Some(match kind {
            "cloud" => "普通云盘",
            "cloud_efficiency" => "高效云盘",
            "cloud_ssd" => "SSD 云盘",
            "cloud_essd" => "ESSD 云盘",
            _ => return None,
        })
    },
};

static EN: DocumentText = DocumentText {
    language: Language::English,
    title: "Buy cloud desktops",
    demo_banner: "Demo: everything here comes from the built-in simulator. Nothing is bought and nothing is charged.",
    demo_faults: "See what happens when things go wrong",
    only_looks: "You may look here and not buy. To buy, ask your administrator.",
    help: "About: {}",
    help_types: &[
        ("System disk", "Holds Windows and the programs."),
        ("User disk", "Holds the user's files."),
        ("Stock", "Where zones are named, those have the type. The others have none, or have not answered."),
    ],
    desktop_type: "Desktop type",
    family: "Family",
    family_all: "All",
    family_common: "General",
    family_gpu: "GPU",
    vcpu: "vCPU",
    memory: "Memory",
    gpu: "GPU",
    system_disk: "System disk",
    user_disk: "User disk",
    stock: "Stock",
    in_stock_short: "In stock",
    in_zones: |zones| format!("Zone{} {}", if zones.len() == 1 { "" } else { "s" }, zones.join(", ")),
    sold_out_short: "Sold out",
    not_known: "Unknown",
    price_per_hour: "Price / hour",
    price_per_month: "Price / month",
    disk: |kind| {
        Some(match kind {
            "cloud" => "Basic",
            "cloud_efficiency" => "Ultra",
            "cloud_ssd" => "SSD",
            "cloud_essd" => "ESSD",
            _ => return None,
        })
    },
};
