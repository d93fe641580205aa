//! The handler of `DescribeImages`: filters and pages the images of [`crate::world`].

use serde_json::{Map, Value};
use shared::{
    actions::{DescribeImages, Image, Images},
    values::ImageType,
};

use super::{Context, Handle, Page, id};
use crate::{
    clock,
    error::Error,
    world::{World, images::CatalogueImage, regions::Region, types::DesktopType},
};

fn page(request: &DescribeImages) -> Result<Page, Error> {
    Page::new(("Page", request.page), ("PageSize", request.page_size), 20, DescribeImages::LARGEST_PAGE)
}

fn date<'a>(name: &str, text: Option<&'a String>) -> Result<Option<&'a str>, Error> {
    let text = text.map(String::as_str);
    if text.is_none_or(clock::is_list_date) { Ok(text) } else { Err(Error::invalid_parameter(name)) }
}

fn row(image: &CatalogueImage, region: &Region) -> Result<Image, Error> {
    Ok(Image {
        image_id: id(image.id(region))?,
        image_name: image.name.clone(),
        image_description: image.description.clone(),
        platform: image.platform.to_owned(),
        architecture: "x86_64".to_owned(),
        instance_type: image.instance_type.to_owned(),
        status: image.status.to_owned(),
        creation_time: image.created.clone(),
        progress: image.progress.to_owned(),
    })
}

impl Handle<DescribeImages> for World {
    fn handle(&mut self, request: &DescribeImages, context: &mut Context<'_>) -> Result<Images, Error> {
        let page = page(request)?;
        let from = date("FromDate", request.from_date.as_ref())?;
        let to = date("ToDate", request.to_date.as_ref())?;
        let item = match &request.type_item_id {
            Some(id) => Some(DesktopType::find(id.as_str()).ok_or_else(|| Error::not_found("TypeItemId"))?),
            None => None,
        };
        let list = match request.image_type.unwrap_or(ImageType::Private) {
            ImageType::Default => &self.images.system,
            ImageType::Private => &self.images.custom,
        };
        let wanted = |image: &&CatalogueImage| {
            item.is_none_or(|item| item.fits(image.instance_type))
                && request.image_id.as_ref().is_none_or(|id| id.as_str() == image.id(context.region))
                && request.image_name.as_ref().is_none_or(|text| image.name.contains(text.as_str()))
                && from.is_none_or(|from| image.created.as_str() >= from)
                && to.is_none_or(|to| image.created.as_str() <= to)
        };
        let found: Vec<_> = list.iter().filter(wanted).collect();
        let rows = found.iter().skip(page.skip).take(page.take).map(|image| row(image, context.region));
        Ok(Images {
            total: u32::try_from(found.len()).unwrap_or(u32::MAX),
            images: rows.collect::<Result<_, Error>>()?,
            skipped: 0,
        })
    }

    /// Page number and size. The names are those of the document's table, which are shifted by one row.
    fn extra_members(&self, request: &DescribeImages, _: &Context<'_>) -> Map<String, Value> {
        let number = request.page.unwrap_or(1);
        let size = request.page_size.unwrap_or(20);
        [("PageCount".to_owned(), number.into()), ("Page".to_owned(), size.into())].into_iter().collect()
    }
}
