using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Json;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>
/// A Great Expectations suite: the 0.x form (<c>expectation_suite_name</c>, <c>expectation_type</c>) and the 1.x form
/// (<c>name</c>, <c>type</c>, <c>severity</c>). Whether its types and arguments are known is judged where it is compiled.
/// </summary>
public sealed class ExpectationSuite
{
    private ExpectationSuite(string name, string file, IReadOnlyList<ExpectationDefinition> expectations)
    {
        Name = name;
        File = file;
        Expectations = expectations;
    }

    public string Name { get; }

    /// <summary>Path for fault messages, as the user named it.</summary>
    public string File { get; }

    public IReadOnlyList<ExpectationDefinition> Expectations { get; }

    /// <summary>Reads a suite; <paramref name="file"/> is named in the faults. All faults are returned together.</summary>
    public static bool TryParse(string json, string file, [NotNullWhen(true)] out ExpectationSuite? suite, out IReadOnlyList<ConfigurationFault> faults)
    {
        suite = null;
        var found = new List<ConfigurationFault>();
        faults = found;
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip });
            suite = new SuiteParser(file, Lines(json), found).Parse(document.RootElement);
        }
        catch (JsonException e)
        {
            found.Add(new ConfigurationFault(file, (int)(e.LineNumber ?? 0) + 1, "", "broken JSON", "a Great Expectations suite", $"Look at byte {e.BytePositionInLine + 1} of that line."));
        }

        return suite is not null;
    }

    /// <summary>Reads a suite or throws <see cref="ConfigurationException"/> with every fault.</summary>
    public static ExpectationSuite Parse(string json, string file) =>
        TryParse(json, file, out var suite, out var faults) ? suite : throw new ConfigurationException(faults);

    internal static ExpectationSuite Create(string name, string file, IReadOnlyList<ExpectationDefinition> expectations) => new(name, file, expectations);

    /// <summary>The line on which each object of the <c>expectations</c> array begins.</summary>
    private static List<int> Lines(string json)
    {
        var lines = new List<int>();
        var bytes = Encoding.UTF8.GetBytes(json);
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { CommentHandling = JsonCommentHandling.Skip });
        var inExpectations = false;
        var line = 1;
        var counted = 0;
        while (reader.Read())
        {
            if (reader.CurrentDepth == 1 && reader.TokenType == JsonTokenType.PropertyName)
                inExpectations = reader.ValueTextEquals("expectations"u8);
            else if (inExpectations && reader.CurrentDepth == 2 && reader.TokenType is not (JsonTokenType.EndObject or JsonTokenType.EndArray or JsonTokenType.PropertyName))
            {
                var start = (int)reader.TokenStartIndex;
                line += bytes.AsSpan(counted, start - counted).Count((byte)'\n');
                counted = start;
                lines.Add(line);
            }
        }

        return lines;
    }
}
