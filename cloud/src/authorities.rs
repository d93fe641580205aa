//! Certificate authorities of the operator's, in place of the system's.

use std::sync::Arc;

use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};

/// Certificate authorities. Clones share them.
#[derive(Clone, Debug)]
pub struct Authorities(pub(super) Arc<RootCertStore>);

impl Authorities {
    /// The certificates in a PEM text. Fails if one cannot be read, or if there is none.
    pub fn of_pem(text: &[u8]) -> Result<Self, &'static str> {
        let mut roots = RootCertStore::empty();
        for certificate in CertificateDer::pem_slice_iter(text) {
            let certificate = certificate.map_err(|_| "has something that is not a certificate in PEM")?;
            roots.add(certificate).map_err(|_| "has a certificate that cannot be read")?;
        }
        if roots.is_empty() { Err("has no certificate") } else { Ok(Self(Arc::new(roots))) }
    }
}
