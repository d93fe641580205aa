//! The catalogue of images: the product's and the account's. Images never change, and only their identifiers differ
//! between regions, so they are stored once.

use super::regions::Region;
use crate::seed;

/// An image. [`CatalogueImage::id`] completes its identifier.
pub(crate) struct CatalogueImage {
    suffix: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) platform: &'static str,
    /// The type or family of types that it fits; empty for all.
    pub(crate) instance_type: &'static str,
    pub(crate) status: &'static str,
    pub(crate) created: String,
    pub(crate) progress: &'static str,
}

impl CatalogueImage {
    /// The identifier in a region.
    pub(crate) fn id(&self, region: &Region) -> String {
        format!("m-{}{}", region.prefix, self.suffix)
    }

    /// Whether a desktop can start from it.
    pub(crate) fn is_usable(&self) -> bool {
        self.status == "Available"
    }
}

/// All images.
pub(crate) struct Images {
    /// `default`: the product's.
    pub(crate) system: Vec<CatalogueImage>,
    /// `private`: the account's.
    pub(crate) custom: Vec<CatalogueImage>,
}

const WINDOWS_2008: &str = "Windows Server 2008";
const WINDOWS_2012: &str = "Windows Server 2012";
const WINDOWS_2016: &str = "Windows Server 2016";

type ImageFacts = (&'static str, &'static str, &'static str, &'static str, &'static str);

/// The facts of a built-in image: name, description, platform, type that it fits, creation time.
const SYSTEM: &[ImageFacts] = &[
    ("Windows Server 2016 数据中心版 64位中文版", "简体中文", WINDOWS_2016, "", "2018-05-08 10:00:00"),
    ("Windows Server 2012 R2 数据中心版 64位中文版", "简体中文", WINDOWS_2012, "common", "2018-04-17 10:00:00"),
    ("Windows Server 2008 R2 企业版 64位中文版", "简体中文", WINDOWS_2008, "common", "2017-11-02 10:00:00"),
    ("Windows Server 2016 with AMD S7150 driver", "For GPU types", WINDOWS_2016, "gpu", "2018-05-09 10:00:00"),
    ("Windows Server 2012 R2 with AMD S7150 driver", "For GPU types", WINDOWS_2012, "gpu", "2018-04-18 10:00:00"),
    (
        "Windows Server 2016 multi-GPU",
        "For the largest type only",
        WINDOWS_2016,
        "desktop.ga1.8xlarge",
        "2018-05-10 10:00:00",
    ),
];

const CUSTOM: &[ImageFacts] = &[
    ("office-standard", "Office, mail, browser", WINDOWS_2016, "", "2018-05-21 09:30:00"),
    ("设计部标准镜像", "含设计软件", WINDOWS_2016, "gpu", "2018-05-22 14:05:00"),
    ("call-center-v3", "Softphone and CRM", WINDOWS_2012, "common", "2018-03-02 18:20:11"),
    ("研发环境-2018", "Visual Studio, Git", WINDOWS_2016, "", "2018-05-30 08:00:00"),
    ("财务专用", "", WINDOWS_2008, "common", "2017-12-15 11:45:00"),
    ("training <room 2>", "\"quotes\" & angle brackets", WINDOWS_2012, "", "2018-01-09 16:00:00"),
    ("office-next", "Still being made", WINDOWS_2016, "", "2018-06-01 07:55:00"),
];

impl Images {
    /// The built-in images, and generated custom ones up to `number`.
    pub(crate) fn new(number: usize, seed: u64) -> Self {
        let system = (1..).zip(SYSTEM).map(|(number, row)| entry(format!("sys{number:016}"), row)).collect();
        let mut custom: Vec<_> =
            (1..).zip(CUSTOM).map(|(number, row)| entry(format!("own{number:016}"), row)).collect();
        if let Some(last) = custom.last_mut() {
            (last.status, last.progress) = ("Creating", "40%");
        }
        let mut rng = seed::rng(seed, "images", 0);
        for number in custom.len()..number {
            let row = CUSTOM[rng.usize(..CUSTOM.len())];
            let mut image = entry(format!("own{:016}", number + 1), &row);
            image.name = format!("{}-{number}", row.0);
            image.created = format!("2018-{:02}-{:02} {:02}:00:00", rng.u8(1..=5), rng.u8(1..=28), rng.u8(..24));
            custom.push(image);
        }
        Self { system, custom }
    }

    /// The image with this identifier in a region, and whether it is the account's.
    pub(crate) fn find(&self, region: &Region, id: &str) -> Option<(&CatalogueImage, bool)> {
        let suffix = id.strip_prefix("m-")?.strip_prefix(region.prefix)?;
        let among = |list: &'_ [CatalogueImage]| list.iter().position(|image| image.suffix == suffix);
        among(&self.system)
            .map(|index| (&self.system[index], false))
            .or_else(|| among(&self.custom).map(|index| (&self.custom[index], true)))
    }
}

fn entry(suffix: String, &(name, description, platform, instance_type, created): &ImageFacts) -> CatalogueImage {
    CatalogueImage {
        suffix,
        name: name.to_owned(),
        description: description.to_owned(),
        platform,
        instance_type,
        status: "Available",
        created: created.to_owned(),
        progress: "100%",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn found_in_their_region_only() {
        let images = Images::new(0, 1);
        let (hangzhou, beijing) = (Region::find("cn-hangzhou").unwrap(), Region::find("cn-beijing").unwrap());
        let id = images.custom[2].id(hangzhou);
        assert_eq!(
            images.find(hangzhou, &id).map(|(image, own)| (image.name.as_str(), own)),
            Some(("call-center-v3", true))
        );
        assert!(images.find(beijing, &id).is_none());
        for id in ["", "m-", "m-bp1", "img-1"] {
            assert!(images.find(hangzhou, id).is_none(), "{id}");
        }
    }

    #[test]
    fn as_many_as_asked_for() {
        assert_eq!(Images::new(1000, 1).custom.len(), 1000);
        assert_eq!(Images::new(1, 1).custom.len(), CUSTOM.len());
    }
}
