using System.Diagnostics.CodeAnalysis;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>
/// A suite compiled for the rows of one schema. Null values are passed over by all expectations but those about null,
/// as Great Expectations does. Allocates nothing for rows that pass. Thread-safe.
/// </summary>
public sealed class RowExpectations
{
    private readonly RowRule[] _rules;

    private RowExpectations(RowSchema schema, RowRule[] rules)
    {
        Schema = schema;
        _rules = rules;
    }

    /// <summary>The schema whose batches can be checked.</summary>
    public RowSchema Schema { get; }

    /// <summary>Number of expectations.</summary>
    public int Count => _rules.Length;

    /// <summary>How often each rule was broken, warnings included.</summary>
    public IReadOnlyList<RuleCount> Counts => [.. _rules.Select(r => new RuleCount(r.Type, r.Column, r.Severity, r.Failed))];

    /// <summary>Compiles a suite; all its faults (unknown types, arguments, columns, values of the wrong type) are returned together.</summary>
    public static bool TryCompile(
        ExpectationSuite suite, RowSchema schema, IReferenceValues references, [NotNullWhen(true)] out RowExpectations? expectations, out IReadOnlyList<ConfigurationFault> faults)
    {
        var found = new List<ConfigurationFault>();
        faults = found;
        var rules = new List<RowRule>();
        foreach (var definition in suite.Expectations)
        {
            if (RuleCompiler.Compile(new RuleArguments(suite.File, definition, schema, references, found)) is { } rule)
                rules.Add(rule);
        }

        expectations = found.Count == 0 ? new RowExpectations(schema, [.. rules]) : null;
        return expectations is not null;
    }

    /// <summary>Compiles a suite or throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static RowExpectations Compile(ExpectationSuite suite, RowSchema schema, IReferenceValues references) =>
        TryCompile(suite, schema, references, out var expectations, out var faults) ? expectations : throw new ConfigurationException(faults);

    /// <summary>True where the row passes. Otherwise <paramref name="failure"/> is the first rule broken that drops or fails; rules that warn are only counted.</summary>
    public bool Check(ColumnBatch batch, int row, out ExpectationFailure failure)
    {
        foreach (var rule in _rules)
        {
            if (rule.Passes(batch, row))
                continue;
            rule.CountFailure();
            if (rule.Severity == ExpectationSeverity.Warn)
                continue;
            failure = new ExpectationFailure(rule.Type, rule.Column, rule.Found(batch, row), rule.Expected, rule.Severity);
            return false;
        }

        failure = default;
        return true;
    }
}
