//! A crate's modules, as its files have them: what each defines, imports and names. What only tests compile is left out.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use proc_macro2::{TokenStream, TokenTree};
use syn::spanned::Spanned;
use syn::visit::{self, Visit};

/// Reads a file by its path from the root of the repository; `None` if there is none.
pub type Read<'a> = &'a dyn Fn(&Path) -> Option<String>;

/// A library or a program, as the modules it consists of.
#[derive(Debug, Default)]
pub struct Modules {
    /// The first is the root of the crate; each comes after its parent.
    pub all: Vec<Module>,
}

/// A module.
#[derive(Debug)]
pub struct Module {
    /// `crate`, `crate::a::b`.
    pub path: String,
    /// The file that holds it, from the root of the repository.
    pub file: PathBuf,
    /// The module that declares it; `None` of the root.
    pub parent: Option<usize>,
    /// What may follow `path::`, and begin a path inside it. A module and a function can have one name.
    pub names: HashMap<String, Vec<Name>>,
    /// What it imports everything of.
    pub globs: Vec<Vec<String>>,
    /// The paths that it names.
    pub mentions: Vec<Mention>,
}

/// What a name stands for.
#[derive(Debug)]
pub enum Name {
    /// A module that is declared here.
    Module(usize),
    /// An item that is defined here.
    Item,
    /// What a `use` brings.
    Import(Vec<String>),
}

/// A path that a module names.
#[derive(Debug)]
pub struct Mention {
    /// Its segments. A path of one segment is a name in scope, or of something that has no module.
    pub path: Vec<String>,
    /// Its line in the module's file.
    pub line: usize,
    /// How it is named.
    pub kind: Kind,
}

/// How a path is named.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// In an expression, a type, a macro.
    Code,
    /// By `use`.
    Import,
    /// By `pub use`, or one with another visibility.
    Export,
}

impl Modules {
    /// Parses the crate that begins in the file `root`.
    pub fn parse(root: &Path, read: Read) -> Result<Modules> {
        let mut modules = Modules::default();
        let folder = root.parent().unwrap_or(Path::new("")).to_path_buf();
        modules.file(root, "crate".to_owned(), None, &folder, read)?;
        Ok(modules)
    }

    /// Adds a module that has a file of its own; `folder` is where the files of its children are.
    fn file(
        &mut self,
        path: &Path,
        name: String,
        parent: Option<usize>,
        folder: &Path,
        read: Read,
    ) -> Result<usize> {
        let text =
            read(path).with_context(|| format!("cannot read {}, a module of a crate", path.display()))?;
        let file = syn::parse_file(&text).map_err(|error| {
            let start = error.span().start();
            anyhow::anyhow!("{}:{}:{}: {error}", path.display(), start.line, start.column + 1)
        })?;
        let tests_only = file.attrs.iter().any(for_tests_only);
        let items = if tests_only { Vec::new() } else { file.items };
        self.module(&items, Place { name, file: path, parent, folder }, read)
    }

    /// Adds a module, and those it declares.
    fn module(&mut self, items: &[syn::Item], place: Place, read: Read) -> Result<usize> {
        let Place { name, file, parent, folder } = place;
        let this = self.all.len();
        self.all.push(Module {
            path: name.clone(),
            file: file.to_path_buf(),
            parent,
            names: HashMap::new(),
            globs: Vec::new(),
            mentions: Vec::new(),
        });
        let mut reader = Reader { module: &mut self.all[this] };
        let mut children = Vec::new();
        for item in items.iter().filter(|item| !attributes(item).iter().any(for_tests_only)) {
            match item {
                syn::Item::Mod(child) => children.push(child),
                item => {
                    if let Some(name) = defined(item) {
                        reader.name(name.to_string(), Name::Item);
                    }
                    reader.visit_item(item);
                }
            }
        }
        for child in children {
            let ident = child.ident.to_string();
            let (name, own) = (format!("{name}::{ident}"), folder.join(&ident));
            let index = if let Some((_, items)) = &child.content {
                let place = Place { name, file, parent: Some(this), folder: &own };
                self.module(items, place, read)?
            } else {
                let (path, folder) = locate(child, file, &own, read)?;
                self.file(&path, name, Some(this), &folder, read)?
            };
            self.all[this].names.entry(ident).or_default().push(Name::Module(index));
        }
        Ok(this)
    }
}

/// Where a module is.
struct Place<'a> {
    name: String,
    file: &'a Path,
    parent: Option<usize>,
    /// Where the files of its children are.
    folder: &'a Path,
}

/// The file of a module that is declared in `declared`, and the folder of its children; `own` is the folder of its name.
fn locate(module: &syn::ItemMod, declared: &Path, own: &Path, read: Read) -> Result<(PathBuf, PathBuf)> {
    for attribute in &module.attrs {
        let syn::Meta::NameValue(pair) = &attribute.meta else { continue };
        if let (true, syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(path), .. })) =
            (pair.path.is_ident("path"), &pair.value)
        {
            let file = declared.parent().unwrap_or(Path::new("")).join(path.value());
            let folder = file.parent().unwrap_or(Path::new("")).to_path_buf();
            return Ok((file, folder));
        }
    }
    let files = [own.with_extension("rs"), own.join("mod.rs")];
    let Some(file) = files.iter().find(|file| read(file).is_some()) else {
        bail!(
            "{} declares `mod {}`, and there is neither {} nor {}",
            declared.display(),
            module.ident,
            files[0].display(),
            files[1].display()
        );
    };
    Ok((file.clone(), own.to_path_buf()))
}

/// Collects what a module names, in its functions too.
struct Reader<'a> {
    module: &'a mut Module,
}

impl Reader<'_> {
    fn name(&mut self, name: String, what: Name) {
        self.module.names.entry(name).or_default().push(what);
    }

    fn mention(&mut self, path: Vec<String>, line: usize, kind: Kind) {
        self.module.mentions.push(Mention { path, line, kind });
    }

    fn import(&mut self, tree: &syn::UseTree, before: &[String], kind: Kind) {
        let with = |ident: &syn::Ident| {
            // `use a::{self}` is `use a`.
            let last = (ident != "self" || before.is_empty()).then(|| ident.to_string());
            before.iter().cloned().chain(last).collect::<Vec<String>>()
        };
        match tree {
            syn::UseTree::Path(path) => self.import(&path.tree, &with(&path.ident), kind),
            syn::UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(tree, before, kind)),
            syn::UseTree::Glob(_) => self.module.globs.push(before.to_vec()),
            syn::UseTree::Name(name) => {
                let path = with(&name.ident);
                self.name(path.last().cloned().unwrap_or_default(), Name::Import(path.clone()));
                self.mention(path, name.span().start().line, kind);
            }
            syn::UseTree::Rename(name) => {
                let path = with(&name.ident);
                self.name(name.rename.to_string(), Name::Import(path.clone()));
                self.mention(path, name.span().start().line, kind);
            }
        }
    }

    /// The paths among a macro's tokens.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let colons = |at: usize| {
            let colon =
                |at| matches!(tokens.get(at), Some(TokenTree::Punct(punct)) if punct.as_char() == ':');
            colon(at) && colon(at + 1)
        };
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Group(group) => self.tokens(group.stream()),
                // After `<A as B>` or `a::<B>`, and in `::a`, a name is none of this module.
                TokenTree::Ident(_) if at >= 2 && colons(at - 2) => {}
                TokenTree::Ident(first) => {
                    let mut path = vec![first.to_string()];
                    while let (true, Some(TokenTree::Ident(next))) = (colons(at + 1), tokens.get(at + 3)) {
                        path.push(next.to_string());
                        at += 3;
                    }
                    self.mention(path, first.span().start().line, Kind::Code);
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
            at += 1;
        }
    }
}

impl<'ast> Visit<'ast> for Reader<'_> {
    fn visit_item(&mut self, item: &'ast syn::Item) {
        if !attributes(item).iter().any(for_tests_only) {
            visit::visit_item(self, item);
        }
    }

    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        let kind = if matches!(item.vis, syn::Visibility::Inherited) { Kind::Import } else { Kind::Export };
        if item.leading_colon.is_none() {
            self.import(&item.tree, &[], kind);
        }
    }

    fn visit_impl_item(&mut self, item: &'ast syn::ImplItem) {
        let attributes = match item {
            syn::ImplItem::Fn(item) => &item.attrs[..],
            syn::ImplItem::Const(item) => &item.attrs[..],
            _ => &[],
        };
        if !attributes.iter().any(for_tests_only) {
            visit::visit_impl_item(self, item);
        }
    }

    fn visit_trait_item(&mut self, item: &'ast syn::TraitItem) {
        let attributes = match item {
            syn::TraitItem::Fn(item) => &item.attrs[..],
            syn::TraitItem::Const(item) => &item.attrs[..],
            _ => &[],
        };
        if !attributes.iter().any(for_tests_only) {
            visit::visit_trait_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
            self.mention(segments, path.span().start().line, Kind::Code);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        self.visit_path(&call.path);
        self.tokens(call.tokens.clone());
    }

    // `pub(super)` uses nothing.
    fn visit_visibility(&mut self, _: &'ast syn::Visibility) {}

    // Attributes name macros of other crates.
    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// `#[cfg(test)]`, `#[cfg(all(test, …))]`, `#[test]`.
fn for_tests_only(attribute: &syn::Attribute) -> bool {
    let only = |list: &syn::MetaList| list.parse_args().is_ok_and(|meta: syn::Meta| needs_test(&meta));
    match &attribute.meta {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => list.path.is_ident("cfg") && only(list),
        syn::Meta::NameValue(_) => false,
    }
}

/// Whether a condition holds in tests only.
fn needs_test(condition: &syn::Meta) -> bool {
    type Conditions = syn::punctuated::Punctuated<syn::Meta, syn::Token![,]>;
    match condition {
        syn::Meta::Path(path) => path.is_ident("test"),
        syn::Meta::List(list) => {
            let parts = list.parse_args_with(Conditions::parse_terminated).unwrap_or_default();
            (list.path.is_ident("all") && parts.iter().any(needs_test))
                || (list.path.is_ident("any") && parts.iter().all(needs_test))
        }
        syn::Meta::NameValue(_) => false,
    }
}

fn attributes(item: &syn::Item) -> &[syn::Attribute] {
    use syn::Item;
    match item {
        Item::Const(item) => &item.attrs,
        Item::Enum(item) => &item.attrs,
        Item::ExternCrate(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::ForeignMod(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Macro(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Trait(item) => &item.attrs,
        Item::TraitAlias(item) => &item.attrs,
        Item::Type(item) => &item.attrs,
        Item::Union(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => &[],
    }
}

/// The name that an item defines.
fn defined(item: &syn::Item) -> Option<&syn::Ident> {
    use syn::Item;
    match item {
        Item::Const(item) => Some(&item.ident),
        Item::Enum(item) => Some(&item.ident),
        Item::Fn(item) => Some(&item.sig.ident),
        Item::Macro(item) => item.ident.as_ref(),
        Item::Static(item) => Some(&item.ident),
        Item::Struct(item) => Some(&item.ident),
        Item::Trait(item) => Some(&item.ident),
        Item::TraitAlias(item) => Some(&item.ident),
        Item::Type(item) => Some(&item.ident),
        Item::Union(item) => Some(&item.ident),
        _ => None,
    }
}
