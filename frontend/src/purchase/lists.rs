//! How the purchase's lists are fetched in full and searched. What they mean for the form is in [`shared::form`].

use std::{sync::Arc, time::Duration};

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};
use shared::{
    Problem,
    actions::{AcceptLanguage, DescribeImages, DescribeVSwitches, Images, VSwitch},
    ids::{ImageId, RegionId, TypeItemId, VpcId, ZoneId},
    values::ImageType,
};

use crate::{api, language::Language};

/// What to ask `DescribeZones` for.
pub fn accept_language(language: Language) -> AcceptLanguage {
    match language {
        Language::Chinese => AcceptLanguage::Chinese,
        Language::English => AcceptLanguage::English,
    }
}

/// The vSwitches of a network in a zone, all pages of them.
pub async fn v_switches(region: RegionId, vpc_id: VpcId, zone_id: ZoneId) -> Result<Arc<Vec<VSwitch>>, Problem> {
    let mut all: Vec<VSwitch> = Vec::new();
    let mut request = DescribeVSwitches {
        vpc_id: Some(vpc_id),
        zone_id: Some(zone_id),
        page_number: Some(1),
        page_size: Some(DescribeVSwitches::LARGEST_PAGE),
    };
    loop {
        let page = api::read(Some(&region), &request).await?;
        let full = page.v_switches.len() >= DescribeVSwitches::LARGEST_PAGE as usize;
        all.extend(page.v_switches);
        if !full || all.len() >= page.total_count as usize {
            return Ok(Arc::new(all));
        }
        request.page_number = request.page_number.map(|number| number + 1);
    }
}

/// The images asked for: region, type, kind, and a text that the name holds.
pub type ImageKey = (RegionId, TypeItemId, ImageType, String);

/// The first page of the images asked for.
pub async fn images((region, type_item_id, image_type, name): ImageKey) -> Result<Arc<Images>, Problem> {
    let request = DescribeImages {
        type_item_id: Some(type_item_id),
        image_type: Some(image_type),
        image_name: Some(name).filter(|name| !name.is_empty()),
        page: Some(1),
        page_size: Some(DescribeImages::LARGEST_PAGE),
        ..DescribeImages::default()
    };
    let mut images = api::read(Some(&region), &request).await?;
    // The paging members of the answer are not to be trusted, so neither is it that no image comes twice.
    let mut seen = std::collections::BTreeSet::<ImageId>::new();
    images.images.retain(|image| seen.insert(image.image_id.clone()));
    Ok(Arc::new(images))
}

/// Whether the first page holds them all.
pub fn is_complete(images: &Images) -> bool {
    images.images.len() >= images.total as usize
}

/// The text once it has not changed for a moment, so that not every key is a request.
pub fn settled(text: RwSignal<String>) -> RwSignal<String> {
    let settled = RwSignal::new(text.get_untracked());
    Effect::new(move |timer: Option<Option<TimeoutHandle>>| {
        if let Some(timer) = timer.flatten() {
            timer.clear();
        }
        let now = text.get();
        set_timeout_with_handle(move || settled.set(now), Duration::from_millis(250)).ok()
    });
    settled
}

/// Whether a text holds what is searched, without regard to case.
pub fn matches(needle: &str, texts: &[&str]) -> bool {
    let needle = needle.trim().to_lowercase();
    needle.is_empty() || texts.iter().any(|text| text.to_lowercase().contains(&needle))
}
