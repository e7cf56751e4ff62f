using System.Globalization;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.Sidecar.Subscriptions;

/// <summary>
/// A routing rule: the part of CEL that compares fields of <c>event</c> with literals, joined by <c>&amp;&amp;</c>,
/// <c>||</c>, <c>!</c> and parentheses. A field that an event does not have makes its comparison false.
/// </summary>
internal sealed class MatchExpression
{
    private readonly Func<JsonElement, bool> _evaluate;

    private MatchExpression(Func<JsonElement, bool> evaluate) => _evaluate = evaluate;

    public static MatchExpression Parse(string text) => new(new Parser(text).Parse());

    public bool Matches(JsonElement cloudEvent) => _evaluate(cloudEvent);

    private static bool AreEqual(object? left, object? right) => left is not null && right is not null && left.Equals(right);

    private static object? ValueOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.String => element.GetString(),
        JsonValueKind.Number => element.GetDouble(),
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        _ => null,
    };

    private sealed class Parser(string text)
    {
        private int _position;

        public Func<JsonElement, bool> Parse()
        {
            var expression = Or();
            SkipSpace();
            return _position == text.Length ? expression : throw Fault("the end");
        }

        private Func<JsonElement, bool> Or()
        {
            var left = And();
            while (Take("||"))
            {
                var (first, second) = (left, And());
                left = root => first(root) || second(root);
            }

            return left;
        }

        private Func<JsonElement, bool> And()
        {
            var left = Unary();
            while (Take("&&"))
            {
                var (first, second) = (left, Unary());
                left = root => first(root) && second(root);
            }

            return left;
        }

        private Func<JsonElement, bool> Unary()
        {
            if (Peek() == '!' && !text.AsSpan(_position).StartsWith("!="))
            {
                _position++;
                var inner = Unary();
                return root => !inner(root);
            }

            if (Take("("))
            {
                var inner = Or();
                return Take(")") ? inner : throw Fault("')'");
            }

            return Comparison();
        }

        private Func<JsonElement, bool> Comparison()
        {
            var left = Operand();
            if (Take("=="))
            {
                var right = Operand();
                return root => AreEqual(left(root), right(root));
            }

            if (Take("!="))
            {
                var right = Operand();
                return root => left(root) is { } value && !AreEqual(value, right(root));
            }

            return root => left(root) is true;
        }

        private Func<JsonElement, object?> Operand()
        {
            var next = Peek();
            if (next is '"' or '\'')
            {
                var literal = Literal(next);
                return _ => literal;
            }

            if (char.IsAsciiDigit(next) || next == '-')
            {
                var start = _position++;
                while (_position < text.Length && (char.IsAsciiDigit(text[_position]) || text[_position] == '.'))
                    _position++;
                if (!double.TryParse(text.AsSpan(start, _position - start), NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
                    throw Fault("a number");
                return _ => number;
            }

            return Word() switch
            {
                "true" => _ => true,
                "false" => _ => false,
                "event" => Field(),
                _ => throw Fault("event.<field>, a string, a number, true or false"),
            };
        }

        private Func<JsonElement, object?> Field()
        {
            var path = new List<string>();
            while (true)
            {
                if (Take("."))
                {
                    path.Add(Word());
                    if (Peek() == '(')
                        return Method(path);
                }
                else if (Take("["))
                {
                    path.Add(Literal(Peek()));
                    if (!Take("]"))
                        throw Fault("']'");
                }
                else
                {
                    break;
                }
            }

            var steps = path.ToArray();
            return root => Find(root, steps);
        }

        private Func<JsonElement, object?> Method(List<string> path)
        {
            var method = path[^1];
            var steps = path[..^1].ToArray();
            Take("(");
            var argument = Literal(Peek());
            if (!Take(")"))
                throw Fault("')'");
            return method switch
            {
                "contains" => root => Find(root, steps) is string value && value.Contains(argument, StringComparison.Ordinal),
                "startsWith" => root => Find(root, steps) is string value && value.StartsWith(argument, StringComparison.Ordinal),
                "endsWith" => root => Find(root, steps) is string value && value.EndsWith(argument, StringComparison.Ordinal),
                _ => throw Fault("contains, startsWith or endsWith"),
            };
        }

        private static object? Find(JsonElement element, string[] path)
        {
            foreach (var step in path)
            {
                if (element.ValueKind != JsonValueKind.Object || !element.TryGetProperty(step, out element))
                    return null;
            }

            return ValueOf(element);
        }

        private string Literal(char quote)
        {
            if (quote is not ('"' or '\''))
                throw Fault("a string");
            var end = text.IndexOf(quote, _position + 1);
            if (end < 0)
                throw Fault("a closing quote");
            var literal = text[(_position + 1)..end];
            _position = end + 1;
            return literal;
        }

        private string Word()
        {
            SkipSpace();
            var start = _position;
            while (_position < text.Length && (char.IsAsciiLetterOrDigit(text[_position]) || text[_position] == '_'))
                _position++;
            return _position > start ? text[start.._position] : throw Fault("a name");
        }

        private bool Take(string token)
        {
            SkipSpace();
            if (!text.AsSpan(_position).StartsWith(token, StringComparison.Ordinal))
                return false;
            _position += token.Length;
            return true;
        }

        private char Peek()
        {
            SkipSpace();
            return _position < text.Length ? text[_position] : '\0';
        }

        private void SkipSpace()
        {
            while (_position < text.Length && char.IsWhiteSpace(text[_position]))
                _position++;
        }

        private MatchSyntaxException Fault(string expected) =>
            new($"rule '{text}': found '{(_position < text.Length ? text[_position..] : "the end")}' at {_position}; expected {expected}");
    }
}

/// <summary>A routing rule that cannot be read.</summary>
internal sealed class MatchSyntaxException(string message) : RealTimeMeshException(message);
