//! Paged reads: vSwitches, all pages at once; images, page by page.

use shared::{
    Problem,
    actions::{DescribeImages, DescribeVSwitches, Image, Images, VSwitch, VSwitches},
    ids::{RegionId, TypeItemId, VpcId, ZoneId},
    reads,
    values::ImageType,
};

use crate::{api, reactive::load::Fetch};

/// The target of the vSwitches of a network in a zone, without a page number.
pub fn v_switches_target(region: &RegionId, vpc_id: VpcId, zone_id: ZoneId) -> String {
    let request = DescribeVSwitches {
        vpc_id: Some(vpc_id),
        zone_id: Some(zone_id),
        page_number: None,
        page_size: Some(DescribeVSwitches::LARGEST_PAGE),
    };
    reads::action(Some(region), &request)
}

/// Loads all pages of vSwitches, one after the other.
pub fn v_switches(target: String) -> Fetch<Vec<VSwitch>> {
    Fetch::new(all_v_switches(target))
}

async fn all_v_switches(target: String) -> Result<Vec<VSwitch>, Problem> {
    let mut all: Vec<VSwitch> = Vec::new();
    for number in 1.. {
        let page: VSwitches = api::read(&api::fetch(&format!("{target}&PageNumber={number}")).await?)?;
        let full = page.v_switches.len() >= DescribeVSwitches::LARGEST_PAGE as usize;
        all.extend(page.v_switches);
        if !full || all.len() >= page.total_count as usize {
            break;
        }
    }
    Ok(all)
}

/// The target of the first page of images of a kind that fit a type and whose names contain a text.
pub fn images_target(region: &RegionId, type_item_id: TypeItemId, image_type: ImageType, name: &str) -> String {
    let request = DescribeImages {
        type_item_id: Some(type_item_id),
        image_type: Some(image_type),
        image_name: Some(name.to_owned()).filter(|name| !name.is_empty()),
        page: Some(1),
        page_size: Some(DescribeImages::LARGEST_PAGE),
        ..DescribeImages::default()
    };
    reads::action(Some(region), &request)
}

/// Loads a page of images. The paging of the upstream is not reliable, so duplicates are dropped.
pub fn images(target: String) -> Fetch<Images> {
    Fetch::reading(api::fetch(&target), |text| {
        let mut images: Images = api::read(text)?;
        // A page has at most a hundred, so a linear search is less code than a set.
        let mut seen = Vec::new();
        images.images.retain(|image| {
            let new = !seen.contains(&image.image_id);
            seen.push(image.image_id.clone());
            new
        });
        Ok(images)
    })
}

/// Images beyond the first page of a list.
#[derive(Clone, Default, PartialEq)]
pub struct MoreImages {
    /// The target of the first page.
    pub target: Option<String>,
    /// The images of later pages.
    pub images: Vec<Image>,
    /// Whether the last page has been loaded.
    pub ended: bool,
}

/// Loads the next page, after a first page and the images of later ones.
pub async fn next_page(target: String, first: &Images, before: Vec<Image>) -> Result<MoreImages, Problem> {
    let page = (first.images.len() + before.len()) / DescribeImages::LARGEST_PAGE as usize + 1;
    let next: Images = api::read(&api::fetch(&target.replace("&Page=1&", &format!("&Page={page}&"))).await?)?;
    let mut images = before;
    let known = |image: &Image, images: &[Image]| images.iter().any(|there| there.image_id == image.image_id);
    let added = next.images.into_iter().filter(|image| !known(image, &first.images) && !known(image, &images));
    let added: Vec<_> = added.collect();
    let ended = added.is_empty() || first.images.len() + images.len() + added.len() >= first.total as usize;
    images.extend(added);
    Ok(MoreImages { target: Some(target), images, ended })
}

/// Whether the first page is the only one.
pub fn is_complete(images: &Images) -> bool {
    images.images.len() >= images.total as usize
}
