using System.Text.RegularExpressions;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>Finds the rule of an expectation type. Ranges and sets have compilers of their own.</summary>
internal static class RuleCompiler
{
    /// <summary>Limit for one text where the expression needs backtracking.</summary>
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    private static readonly Dictionary<string, Func<RuleArguments, RowRule?>> All = new(StringComparer.Ordinal)
    {
        ["expect_column_values_to_not_be_null"] = a => Null(a, expectNull: false),
        ["expect_column_values_to_be_null"] = a => Null(a, expectNull: true),
        ["expect_column_values_to_be_in_set"] = a => SetCompiler.Compile(a, expectIn: true),
        ["expect_column_values_to_not_be_in_set"] = a => SetCompiler.Compile(a, expectIn: false),
        ["expect_column_values_to_be_between"] = RangeCompiler.Between,
        ["expect_column_value_lengths_to_be_between"] = RangeCompiler.Lengths,
        ["expect_column_values_to_match_regex"] = a => Pattern(a, expectMatch: true),
        ["expect_column_values_to_not_match_regex"] = a => Pattern(a, expectMatch: false),
        ["expect_column_values_to_be_of_type"] = OfType,
        ["expect_column_pair_values_a_to_be_greater_than_b"] = Pair,
    };

    /// <summary>Null where a fault was added.</summary>
    public static RowRule? Compile(RuleArguments arguments)
    {
        var type = arguments.Definition.Type;
        if (All.TryGetValue(type, out var compile))
        {
            var rule = compile(arguments);
            return arguments.IsFaulty ? null : rule;
        }

        arguments.Fault("", $"'{type}'", $"one of {string.Join(", ", All.Keys)}", "Rows in a stream are checked by these only; correct the type or move it to a table's suite.");
        return null;
    }

    private static NullRule? Null(RuleArguments a, bool expectNull)
    {
        a.Allow("column");
        return a.Column("column") is >= 0 and var ordinal
            ? new NullRule(ordinal, expectNull) { Type = a.Definition.Type, Column = a.Schema.Fields[ordinal].Name, Severity = a.Definition.Severity, Expected = expectNull ? "null" : "a value" }
            : null;
    }

    private static RegexRule? Pattern(RuleArguments a, bool expectMatch)
    {
        a.Allow("column", "regex");
        var ordinal = a.Column("column");
        if (a.Text("regex", "a regular expression") is not { } pattern || ordinal < 0)
            return null;
        var field = a.Schema.Fields[ordinal];
        if (field.Type != FieldType.String)
        {
            a.Fault("column", $"'{field.Name}', which is {field.Type}", "a text column", "Regular expressions check text.");
            return null;
        }

        return Compile(a, pattern) is { } regex
            ? new RegexRule(ordinal, regex, expectMatch) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = $"{(expectMatch ? "a match" : "no match")} of {pattern}" }
            : null;
    }

    private static Regex? Compile(RuleArguments a, string pattern)
    {
        // Python's way to name a group.
        var dotNet = pattern.Replace("(?P<", "(?<", StringComparison.Ordinal);
        try
        {
            return new Regex(dotNet, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (NotSupportedException)
        {
            return new Regex(dotNet, RegexOptions.Compiled | RegexOptions.CultureInvariant, MatchTimeout);
        }
        catch (RegexParseException e)
        {
            a.Fault("regex", $"'{pattern}' ({e.Message.TrimEnd('.')})", "a regular expression", "Correct it.");
            return null;
        }
    }

    private static AlwaysRule? OfType(RuleArguments a)
    {
        a.Allow("column", "type_");
        var ordinal = a.Column("column");
        if (a.Text("type_", "a type such as int, string or timestamp") is not { } name || ordinal < 0)
            return null;
        var field = a.Schema.Fields[ordinal];
        var types = TypeNames.Find(name);
        if (types.Count == 0)
            a.Fault("type_", $"the unknown type '{name}'", "a type such as int, long, float, double, string, boolean, date or timestamp", "Correct the name.");
        else if (!types.Contains(field.Type))
            a.Fault("type_", $"'{name}' for '{field.Name}', which is {field.Type}", "the contract's type", "Correct one of them: no value could pass.");
        return new AlwaysRule(ordinal) { Type = a.Definition.Type, Column = field.Name, Severity = a.Definition.Severity, Expected = name };
    }

    private static PairRule? Pair(RuleArguments a)
    {
        a.Allow("column_A", "column_B", "or_equal", "ignore_row_if");
        var left = a.Column("column_A");
        var right = a.Column("column_B");
        var orEqual = a.Flag("or_equal");
        var ignore = a.TryGet("ignore_row_if", out _) ? a.Text("ignore_row_if", "either_value_is_missing, both_values_are_missing or never") : "either_value_is_missing";
        if (ignore is not (null or "either_value_is_missing" or "both_values_are_missing" or "never"))
            a.Fault("ignore_row_if", $"'{ignore}'", "either_value_is_missing, both_values_are_missing or never", "Write one of these.");
        if (left < 0 || right < 0)
            return null;
        var (first, second) = (a.Schema.Fields[left], a.Schema.Fields[right]);
        if (PairRule.For(first, second) is not { } compare)
        {
            a.Fault("column_B", $"'{second.Name}', which is {second.Type}, beside '{first.Name}', which is {first.Type}", "columns that can be compared", "Name two columns of one kind.");
            return null;
        }

        return new PairRule(left, right, orEqual, compare, ignore != "either_value_is_missing", ignore == "never")
        {
            Type = a.Definition.Type,
            Column = $"{first.Name},{second.Name}",
            Severity = a.Definition.Severity,
            Expected = $"{first.Name} {(orEqual ? ">=" : ">")} {second.Name}",
        };
    }
}
