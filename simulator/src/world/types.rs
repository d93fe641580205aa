//! The desktop types of document 2.2.3. Their names are the document's, their sizes are invented.

/// A type.
pub(crate) struct DesktopType {
    pub(crate) id: &'static str,
    /// `common` or `gpu`.
    pub(crate) family: &'static str,
    pub(crate) cpu: u32,
    pub(crate) memory: u32,
    pub(crate) gpu: u32,
    pub(crate) gpu_spec: &'static str,
    pub(crate) disks: [(&'static str, u32); 2],
}

impl DesktopType {
    /// The type of this name.
    pub(crate) fn find(id: &str) -> Option<&'static Self> {
        TYPES.iter().find(|item| item.id == id)
    }

    /// Whether something made for `instance_type` (a type, a family, or empty for all) fits this type.
    pub(crate) fn fits(&self, instance_type: &str) -> bool {
        instance_type.is_empty() || instance_type == self.family || instance_type == self.id
    }
}

const fn common(id: &'static str, cpu: u32, memory: u32) -> DesktopType {
    let disks = [("cloud_efficiency", 80), ("cloud_efficiency", 50)];
    DesktopType { id, family: "common", cpu, memory, gpu: 0, gpu_spec: "", disks }
}

const fn gpu(id: &'static str, cpu: u32, memory: u32, gpu: u32) -> DesktopType {
    let disks = [("cloud_ssd", 80), ("cloud_efficiency", 100)];
    DesktopType { id, family: "gpu", cpu, memory, gpu, gpu_spec: "AMD S7150", disks }
}

/// All types.
pub(crate) const TYPES: &[DesktopType] = &[
    common("desktop.n1.small", 2, 4),
    common("desktop.n1.medium", 4, 8),
    common("desktop.n1.large", 8, 16),
    gpu("desktop.ga1.1xlarge", 4, 10, 1),
    gpu("desktop.ga1.2xlarge", 8, 20, 1),
    gpu("desktop.ga1.4xlarge", 16, 40, 2),
    gpu("desktop.ga1.8xlarge", 32, 80, 4),
];
