//! Vector's `set_semantic_meaning()`: says at compile time what a field means, and does nothing when the program runs.

use std::collections::BTreeMap;

use vrl::{
    compiler::expression::Query,
    diagnostic::Label,
    path::{OwnedTargetPath, PathPrefix},
    prelude::*,
};

/// Each meaning's field, as the program set them.
#[derive(Clone, Debug, Default)]
pub struct Meanings(BTreeMap<String, OwnedTargetPath>);

impl Meanings {
    /// The same with the paths as text.
    pub fn written(&self) -> BTreeMap<String, String> {
        let paths = self.0.iter();
        paths.map(|(meaning, path)| (meaning.clone(), path.to_string())).collect()
    }
}

#[derive(Clone, Copy, Debug)]
pub struct SetSemanticMeaning;

impl Function for SetSemanticMeaning {
    fn identifier(&self) -> &'static str {
        "set_semantic_meaning"
    }

    fn usage(&self) -> &'static str {
        "Says what a field of the event means."
    }

    fn category(&self) -> &'static str {
        "Event"
    }

    fn return_kind(&self) -> u16 {
        kind::NULL
    }

    fn parameters(&self) -> &'static [Parameter] {
        const PARAMETERS: &[Parameter] = &[
            Parameter::required("target", kind::ANY, "The field."),
            Parameter::required("meaning", kind::BYTES, "What it means."),
        ];
        PARAMETERS
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn compile(
        &self,
        state: &TypeState,
        context: &mut FunctionCompileContext,
        arguments: ArgumentList,
    ) -> Compiled {
        let span = context.span();
        let query = arguments.required_query("target")?;
        let meaning = arguments.required_literal("meaning", state)?;
        let meaning = meaning.to_string_lossy().into_owned();

        let Some(path) = query.external_path() else {
            return refused(
                "semantic meaning is not valid for local variables",
                labels_of_a_variable(&query, span),
            );
        };
        if !is_known(&path, state) {
            return refused(
                "semantic meaning defined for non-existing field",
                vec![
                    Label::primary("cannot assign semantic meaning to non-existing field", span),
                    Label::context(
                        format!("field \".{path}\" is not known to exist for all events"),
                        span,
                    ),
                ],
            );
        }
        // A condition has no meanings.
        if let Some(Meanings(meanings)) = context.get_external_context_mut::<Meanings>() {
            if let Some(other) = meanings.get(&meaning).filter(|&other| *other != path) {
                return refused(
                    "semantic meaning referencing two different fields",
                    vec![
                        Label::primary(
                            format!("semantic meaning \"{meaning}\" must reference a single field"),
                            span,
                        ),
                        Label::context(format!("already referencing field \".{other}\""), span),
                    ],
                );
            }
            meanings.insert(meaning, path);
        }
        Ok(SetSemanticMeaningCall.as_expr())
    }
}

fn labels_of_a_variable(query: &Query, span: Span) -> Vec<Label> {
    let mut labels = vec![Label::primary("this path must point to an event or metadata", span)];
    if let Some(variable) = query.as_variable() {
        let name = variable.ident();
        labels.push(Label::context(
            format!("maybe you meant \".{name}\" or \"%{name}\"?"),
            span,
        ));
    }
    labels
}

fn is_known(path: &OwnedTargetPath, state: &TypeState) -> bool {
    let root = match path.prefix {
        PathPrefix::Event => state.external.target_kind(),
        PathPrefix::Metadata => state.external.metadata_kind(),
    };
    root.at_path(&path.path).contains_any_defined()
}

fn refused(message: &str, labels: Vec<Label>) -> Compiled {
    Err(Box::new(ExpressionError::Error {
        message: message.to_owned(),
        labels,
        notes: vec![],
    }))
}

#[derive(Clone, Debug)]
struct SetSemanticMeaningCall;

impl FunctionExpression for SetSemanticMeaningCall {
    fn resolve(&self, _context: &mut Context) -> Resolved {
        Ok(Value::Null)
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        TypeDef::null().infallible().impure()
    }
}
