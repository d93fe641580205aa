//! `DescribeImages`: what a desktop can start from (document 2.4).

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::is_zero;
use crate::{
    Action, Class, Product,
    ids::{ImageId, TypeItemId},
    values::ImageType,
};

/// 按条件分页查询云桌面镜像信息; conditions are joined by AND.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub struct DescribeImages {
    /// Only images that fit this desktop type.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_item_id: Option<TypeItemId>,
    /// Whose images; the API takes `private` where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_type: Option<ImageType>,
    /// Only this image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_id: Option<ImageId>,
    /// Only images whose name holds this text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_name: Option<String>,
    /// Only images made at or after this time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from_date: Option<String>,
    /// Only images made at or before this time, `yyyy-MM-dd HH:mm:ss`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub to_date: Option<String>,
    /// Page of the list, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// Rows a page, at most [`DescribeImages::LARGEST_PAGE`]; 20 where none is given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page_size: Option<u32>,
}

impl DescribeImages {
    /// The most rows that one page can have.
    pub const LARGEST_PAGE: u32 = 100;
}

/// The answer to [`DescribeImages`]. Of its paging members only `Total` is to be trusted: the document's
/// descriptions of the other two are shifted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase", default)]
pub struct Images {
    /// Number of images that fit the conditions, over all pages.
    pub total: u32,
    /// This page's images.
    pub images: Vec<Image>,
    /// Images of this page that the proxy could not read.
    #[serde(skip_serializing_if = "is_zero")]
    pub skipped: u32,
}

/// An image (document 2.4.3).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "PascalCase")]
pub struct Image {
    /// The image's identifier.
    pub image_id: ImageId,
    /// The name for people.
    #[serde(default)]
    pub image_name: String,
    /// A description. The document misspells the member; the proxy takes both spellings.
    #[serde(default)]
    pub image_description: String,
    /// Operating system.
    #[serde(default)]
    pub platform: String,
    /// Architecture, for example `x86_64`.
    #[serde(default)]
    pub architecture: String,
    /// 该镜像对应的云桌面类型: family or type of desktop that it is for; empty where it fits all.
    #[serde(default)]
    pub instance_type: String,
    /// State; see [`Image::is_usable`].
    #[serde(default)]
    pub status: String,
    /// When it was made, `yyyy-MM-dd HH:mm:ss` in the upstream's zone.
    #[serde(default)]
    pub creation_time: String,
    /// How far its making has come, per cent.
    #[serde(default)]
    pub progress: String,
}

impl Image {
    /// Whether a desktop can start from it. The document does not list the states; what says nothing, or says that it
    /// is there, is taken at its word.
    #[must_use]
    pub fn is_usable(&self) -> bool {
        self.status.is_empty() || self.status.eq_ignore_ascii_case("available")
    }
}

impl Action for DescribeImages {
    const NAME: &'static str = "DescribeImages";
    const PRODUCT: Product = Product::CloudDesktop;
    const CLASS: Class = Class::Read;
    const FRESH: Duration = Duration::from_secs(30);
    const STALE: Duration = Duration::from_mins(2);
    type Response = Images;
}
