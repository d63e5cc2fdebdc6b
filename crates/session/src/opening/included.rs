//! The openers of a program that contains all of their code.

use std::rc::Rc;

use replayscope_files::{open_file, raw_array};
use replayscope_json::Json;
use replayscope_zarr::array::Group;
use replayscope_zarr::futures::Boxed;
use replayscope_zarr::source::ByteSource;

use crate::environment::Environment;
use crate::error::Error;
use crate::opening::decoder;
use crate::opening::environment_file::environment_file;
use crate::opening::openers::{FileFormat, Geometry, Openers};
use crate::opening::results::DecoderResults;

/// Openers whose code is part of the program.
pub struct Included;

impl Openers for Included {
    fn file(
        &self,
        folder: Rc<dyn ByteSource>,
        name: String,
        format: FileFormat,
    ) -> Boxed<'static, Rc<dyn ByteSource>, Error> {
        Box::pin(async move {
            Ok(match format {
                FileFormat::Kind(kind) => open_file(&folder, &name, kind).await?,
                FileFormat::Raw { dtype, shape } => raw_array(folder, &name, &dtype, &shape).await?,
            })
        })
    }

    fn environment_file(&self, folder: Rc<dyn ByteSource>, name: String) -> Boxed<'static, Json, Error> {
        Box::pin(async move { environment_file(&folder, &name).await })
    }

    fn environment<'a>(
        &self,
        Geometry { dict, centers, explicit }: Geometry<'a>,
    ) -> Boxed<'a, Environment, Error> {
        Box::pin(async move { Ok(Environment::shaped(dict, centers, explicit)?) })
    }

    fn decoder_results<'a>(
        &self,
        group: &'a Group,
        root: Rc<dyn ByteSource>,
    ) -> Boxed<'a, Option<Box<dyn DecoderResults>>, Error> {
        Box::pin(decoder::results(group, root))
    }
}
