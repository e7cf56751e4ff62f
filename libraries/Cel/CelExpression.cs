using System.Text.Json;

namespace RealTimeMesh.Cel;

/// <summary>
/// An expression of the Common Expression Language with the standard functions of cel-go 0.20, which daprd uses. Read once,
/// evaluated by any number of threads at once. Names that it does not define itself are variables, as in daprd: one that
/// has no value when it is evaluated is an error then.
/// </summary>
public sealed class CelExpression
{
    private readonly CelNode _root;
    private readonly CelValue[] _frame;
    private readonly string[] _variables;

    private CelExpression(string text, CelNode root, CelCompiler compiler)
    {
        Text = text;
        _root = root;
        _variables = [.. compiler.Globals];
        _frame = new CelValue[compiler.FrameSize];
        for (var i = 0; i < _variables.Length; i++)
            _frame[i] = CelErrors.NoAttribute(_variables[i]);
    }

    public string Text { get; }

    /// <summary>Names that need a value.</summary>
    public IReadOnlyList<string> Variables => _variables;

    /// <exception cref="CelSyntaxException">The text is no expression, or one whose types do not fit.</exception>
    public static CelExpression Parse(string text)
    {
        var compiler = new CelCompiler(text);
        return new CelExpression(text, compiler.Compile(CelParser.Parse(text)), compiler);
    }

    /// <summary>
    /// As <see cref="Parse"/>, with the fields of a variable as variables of their own: <c>message.price</c> is one of this name. Null
    /// where the expression needs the variable as a whole, or a field that is not among these.
    /// </summary>
    public static CelExpression? ParseOverFields(string text, string variable, IReadOnlySet<string> fields)
    {
        if (!new CelFieldNames(variable, fields).TryRewrite(CelParser.Parse(text), out var ast))
            return null;
        var compiler = new CelCompiler(text);
        return new CelExpression(text, compiler.Compile(ast), compiler);
    }

    /// <summary>For evaluations one after the other, without a frame for each.</summary>
    public CelEvaluation Begin() => new(this, (CelValue[])_frame.Clone());

    /// <summary>The value, which may be an error.</summary>
    public CelValue Evaluate(string variable, in CelValue value)
    {
        var frame = (CelValue[])_frame.Clone();
        Set(frame, variable, value);
        return Evaluate(frame);
    }

    /// <inheritdoc cref="Evaluate(string, in CelValue)"/>
    public CelValue Evaluate(params ReadOnlySpan<(string Name, CelValue Value)> variables)
    {
        var frame = (CelValue[])_frame.Clone();
        foreach (var (name, value) in variables)
            Set(frame, name, value);
        return Evaluate(frame);
    }

    internal CelValue Evaluate(CelValue[] frame)
    {
        try
        {
            return _root.Evaluate(frame);
        }
        catch (InvalidOperationException exception)
        {
            // The one thing that JSON lets through and .NET cannot read: half of a surrogate pair, escaped.
            return CelValue.Error($"a text of the event is no Unicode: {exception.Message}");
        }
        catch (JsonException exception)
        {
            return CelValue.Error(exception.Message);
        }
    }

    private void Set(CelValue[] frame, string name, in CelValue value)
    {
        for (var i = 0; i < _variables.Length; i++)
        {
            if (_variables[i] == name)
                frame[i] = value;
        }
    }
}
