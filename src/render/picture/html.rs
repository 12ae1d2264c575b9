use super::PictureLooks;
use super::paint::marks::Picture;
use crate::graph::Graph;
pub fn page(p: &Picture, _g: &Graph, l: &PictureLooks) -> String { super::paint::svg::write(p, l.theme) }
