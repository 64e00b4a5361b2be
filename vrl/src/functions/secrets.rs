//! Vector's `get_secret()`, `set_secret()` and `remove_secret()`: an event carries secrets beside its metadata.

use vrl::prelude::*;

use crate::notes;

pub fn all() -> Vec<Box<dyn Function>> {
    vec![
        Box::new(SecretFunction::Get),
        Box::new(SecretFunction::Remove),
        Box::new(SecretFunction::Set),
    ]
}

#[derive(Clone, Copy, Debug)]
enum SecretFunction {
    Get,
    Remove,
    Set,
}

impl Function for SecretFunction {
    fn identifier(&self) -> &'static str {
        match self {
            Self::Get => "get_secret",
            Self::Remove => "remove_secret",
            Self::Set => "set_secret",
        }
    }

    fn usage(&self) -> &'static str {
        match self {
            Self::Get => "A secret of the event, or null.",
            Self::Remove => "Takes a secret away from the event.",
            Self::Set => "Gives the event a secret.",
        }
    }

    fn category(&self) -> &'static str {
        "Event"
    }

    fn return_kind(&self) -> u16 {
        match self {
            Self::Get => kind::BYTES | kind::NULL,
            Self::Remove | Self::Set => kind::NULL,
        }
    }

    fn parameters(&self) -> &'static [Parameter] {
        const OF_ONE: &[Parameter] =
            &[Parameter::required("key", kind::BYTES, "The name of the secret.")];
        const OF_SET: &[Parameter] = &[
            Parameter::required("key", kind::BYTES, "The name of the secret."),
            Parameter::required("secret", kind::BYTES, "The secret itself."),
        ];
        match self {
            Self::Get | Self::Remove => OF_ONE,
            Self::Set => OF_SET,
        }
    }

    fn examples(&self) -> &'static [Example] {
        &[]
    }

    fn compile(
        &self,
        _state: &TypeState,
        _context: &mut FunctionCompileContext,
        arguments: ArgumentList,
    ) -> Compiled {
        Ok(SecretCall {
            function: *self,
            key: arguments.required("key"),
            secret: arguments.optional("secret"),
        }
        .as_expr())
    }
}

#[derive(Clone, Debug)]
struct SecretCall {
    function: SecretFunction,
    key: Box<dyn Expression>,
    secret: Option<Box<dyn Expression>>,
}

impl FunctionExpression for SecretCall {
    fn resolve(&self, context: &mut Context) -> Resolved {
        let key = self.key.resolve(context)?;
        let key = key.try_bytes_utf8_lossy()?;
        match self.function {
            SecretFunction::Get => Ok(context.target().get_secret(&key).into()),
            SecretFunction::Remove => {
                context.target_mut().remove_secret(&key);
                Ok(Value::Null)
            }
            SecretFunction::Set => {
                let secret = self.secret.map_resolve_with_default(context, || Value::Null)?;
                let secret = secret.try_bytes_utf8_lossy()?;
                context.target_mut().insert_secret(&key, &secret);
                notes::secret_was_set(&key);
                Ok(Value::Null)
            }
        }
    }

    fn type_def(&self, _state: &TypeState) -> TypeDef {
        match self.function {
            SecretFunction::Get => TypeDef::bytes().add_null().infallible(),
            SecretFunction::Remove | SecretFunction::Set => TypeDef::null().infallible().impure(),
        }
    }
}
