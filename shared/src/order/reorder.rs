//! Reordering: the form that a purchase came from, read back from its parameters.

use super::Order;
use crate::{
    Action,
    actions::CreateDesktop,
    form::{Field, Form},
    values::ImageType,
};

impl Order {
    /// The form that requests the same purchase; `None` if the order was no purchase.
    #[must_use]
    pub fn form(&self) -> Option<Form> {
        if self.action != CreateDesktop::NAME {
            return None;
        }
        // A purchase that names no kind of image has the API's, `private` (document 2.8.2).
        let mut form = Form { region: Some(self.region.clone()), image_type: ImageType::Private, ..Form::default() };
        for field in Field::ALL {
            if let Some(value) = field.parameters().first().and_then(|name| self.request.get(*name)) {
                form.read(*field, value);
            }
        }
        Some(form)
    }
}
