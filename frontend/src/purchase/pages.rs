//! Paged reads: vSwitches, all pages at once; images, page by page.

use shared::{
    Problem,
    actions::{DescribeImages, DescribeVSwitches, Image, Images, VSwitches},
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
pub fn v_switches(target: String) -> Fetch<VSwitches> {
    Fetch::new(all_v_switches(target))
}

async fn all_v_switches(target: String) -> Result<VSwitches, Problem> {
    let mut all = VSwitches::default();
    for number in 1.. {
        let page: VSwitches = api::read(&api::fetch(&format!("{target}&PageNumber={number}")).await?)?;
        let full = page.v_switches.len() + page.skipped as usize >= DescribeVSwitches::LARGEST_PAGE as usize;
        all.v_switches.extend(page.v_switches);
        all.skipped += page.skipped;
        if !full || all.v_switches.len() + all.skipped as usize >= page.total_count as usize {
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
    /// Images of later pages that the proxy could not read.
    pub skipped: u32,
    /// Whether the last page has been loaded.
    pub ended: bool,
}

/// Loads the next page, after a first page and the images of later ones.
pub async fn next_page(target: String, first: &Images, before: MoreImages) -> Result<MoreImages, Problem> {
    let MoreImages { mut images, mut skipped, .. } = before;
    let page = (count(first) + images.len() + skipped as usize) / DescribeImages::LARGEST_PAGE as usize + 1;
    let next: Images = api::read(&api::fetch(&target.replace("&Page=1&", &format!("&Page={page}&"))).await?)?;
    let known = |image: &Image, images: &[Image]| images.iter().any(|there| there.image_id == image.image_id);
    let added = next.images.into_iter().filter(|image| !known(image, &first.images) && !known(image, &images));
    let added: Vec<_> = added.collect();
    let is_empty = added.is_empty() && next.skipped == 0;
    images.extend(added);
    skipped += next.skipped;
    let ended = is_empty || count(first) + images.len() + skipped as usize >= first.total as usize;
    Ok(MoreImages { target: Some(target), images, skipped, ended })
}

/// Whether the first page is the only one.
pub fn is_complete(images: &Images) -> bool {
    count(images) >= images.total as usize
}

/// The images of a page, those included that the proxy could not read.
fn count(images: &Images) -> usize {
    images.images.len() + images.skipped as usize
}
