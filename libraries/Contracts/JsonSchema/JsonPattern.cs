using System.Text.RegularExpressions;

namespace RealTimeMesh.Contracts;

/// <summary>A regular expression of a schema, which anybody may have written: matching it ends soon whatever it is.</summary>
internal sealed class JsonPattern
{
    private static readonly TimeSpan Longest = TimeSpan.FromMilliseconds(50);

    private readonly Regex _expression;

    public JsonPattern(string text, string path)
    {
        Text = text;
        try
        {
            _expression = Make(text);
        }
        catch (ArgumentException e)
        {
            throw new ContractException($"{path}: found the regular expression '{RowFaults.Cut(text)}': {e.Message}", e);
        }
    }

    public string Text { get; }

    public bool Matches(string name)
    {
        try
        {
            return _expression.IsMatch(name);
        }
        catch (RegexMatchTimeoutException)
        {
            // Not known to cover the property: the change is then judged as if it did not.
            return false;
        }
    }

    private static Regex Make(string text)
    {
        try
        {
            return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Longest);
        }
        catch (NotSupportedException)
        {
            return new Regex(text, RegexOptions.CultureInvariant, Longest);
        }
    }
}
