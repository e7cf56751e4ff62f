using System.Text;

namespace RealTimeMesh.DeltaLake.Expressions;

/// <summary>Functions of texts. Positions and lengths count code points, as Spark does.</summary>
internal static class TextFunctions
{
    private static readonly PrimitiveType s_text = PrimitiveType.String;
    private static readonly PrimitiveType s_int = PrimitiveType.Integer;

    public static IReadOnlyList<SparkFunction> All { get; } =
    [
        Text("upper", text => text.ToUpperInvariant()),
        Text("lower", text => text.ToLowerInvariant()),
        Text("trim", text => text.Trim(' ')),
        Text("ltrim", text => text.TrimStart(' ')),
        Text("rtrim", text => text.TrimEnd(' ')),
        Text("reverse", text => string.Concat(text.EnumerateRunes().Reverse())),
        new("length", 1, 1, Length, (call, values, rows) => values[0] is Vector<byte[]>
            ? VectorMath.Map<byte[], long>(values[0], bytes => bytes.Length, rows, call)
            : VectorMath.Map<string, long>(values[0], text => CodePoints(text), rows, call)),
        new("substring", 2, 3, Signatures.Of(s_text, s_text, s_int, s_int), Substring),
        new("left", 2, 2, Signatures.Of(s_text, s_text, s_int), (call, values, rows) => VectorMath.Map<string, long, string>(values[0], values[1], (text, length) => Cut(text, 1, length), rows, call)),
        new("right", 2, 2, Signatures.Of(s_text, s_text, s_int), (call, values, rows) => VectorMath.Map<string, long, string>(values[0], values[1], (text, length) => length <= 0 ? "" : Cut(text, -length, length), rows, call)),
        new("concat", 1, int.MaxValue, Concat, Concat),
        Test("startswith", (text, part) => text.StartsWith(part, StringComparison.Ordinal)),
        Test("endswith", (text, part) => text.EndsWith(part, StringComparison.Ordinal)),
        Test("contains", (text, part) => text.Contains(part, StringComparison.Ordinal)),
        new("replace", 2, 3, Signatures.Of(s_text, s_text), Replace),
        new("instr", 2, 2, Signatures.Of(s_int, s_text), (call, values, rows) => VectorMath.Map<string, string, long>(values[0], values[1], (text, part) => text.IndexOf(part, StringComparison.Ordinal) is >= 0 and var at ? CodePoints(text[..at]) + 1 : 0, rows, call)),
        new("md5", 1, 1, Signatures.Of(s_text, PrimitiveType.Binary), null),
    ];

    private static SparkFunction Text(string name, Func<string, string> function) =>
        new(name, 1, 1, Signatures.Of(s_text, s_text), (call, values, rows) => VectorMath.Map(values[0], function, rows, call));

    private static SparkFunction Test(string name, Func<string, string, bool> function) =>
        new(name, 2, 2, Signatures.Of(PrimitiveType.Boolean, s_text), (call, values, rows) => VectorMath.Map(values[0], values[1], function, rows, call));

    private static FunctionCall Length(FunctionCall call) =>
        call.Arguments[0].Type!.Kind == DeltaTypeKind.Binary ? call with { Type = s_int } : Signatures.Of(s_int, s_text)(call);

    private static FunctionCall Concat(FunctionCall call) => call.Arguments.All(argument => argument.Type!.Kind == DeltaTypeKind.Binary)
        ? call with { Type = PrimitiveType.Binary }
        : Signatures.Of(s_text, s_text)(call);

    private static Vector Concat(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var constant = values.All(value => value.IsConstant);
        if (call.Type!.Kind == DeltaTypeKind.Binary)
            return VectorMath.Run(rows, call, constant, row => values.Any(value => value.IsNull(row)), row => values.SelectMany(value => ((Vector<byte[]>)value)[row]).ToArray());
        return VectorMath.Run(rows, call, constant, row => values.Any(value => value.IsNull(row)), row => string.Concat(values.Select(value => ((Vector<string>)value)[row])));
    }

    private static Vector<string> Substring(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var (text, start) = ((Vector<string>)values[0], (Vector<long>)values[1]);
        var length = values.Count > 2 ? (Vector<long>)values[2] : Vector.Constant(long.MaxValue, rows.Count);
        return VectorMath.Run(rows, call, values.All(value => value.IsConstant), row => values.Any(value => value.IsNull(row)), row => Cut(text[row], start[row], length[row]));
    }

    private static Vector<string> Replace(FunctionCall call, IReadOnlyList<Vector> values, Rows rows)
    {
        var typed = values.Select(value => (Vector<string>)value).ToArray();
        return VectorMath.Run(rows, call, values.All(value => value.IsConstant), row => values.Any(value => value.IsNull(row)), row =>
            typed[1][row].Length == 0 ? typed[0][row] : typed[0][row].Replace(typed[1][row], typed.Length > 2 ? typed[2][row] : "", StringComparison.Ordinal));
    }

    /// <summary>From position <paramref name="start"/> (1 is the first, -1 the last, 0 as 1); what lies before the text counts for the length.</summary>
    private static string Cut(string text, long start, long length)
    {
        var count = CodePoints(text);
        var first = start > 0 ? start - 1 : start < 0 ? count + start : 0;
        var end = length > count + Math.Abs(first) ? count : Math.Min(count, first + Math.Max(0, length));
        first = Math.Max(0, first);
        if (end <= first)
            return "";
        return count == text.Length ? text[(int)first..(int)end] : string.Concat(text.EnumerateRunes().Skip((int)first).Take((int)(end - first)));
    }

    private static int CodePoints(string text)
    {
        var pairs = 0;
        foreach (var c in text)
            pairs += char.IsLowSurrogate(c) ? 1 : 0;
        return text.Length - pairs;
    }
}
