using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using RealTimeMesh.Contracts;

namespace RealTimeMesh.DataQuality;

/// <summary>
/// A regular expression that is searched for (not anchored), as in Great Expectations. Linear in the text's length;
/// an expression that needs backtracking (lookaround, back references) runs under a time limit, and a text that
/// cannot be decided within it breaks the rule.
/// </summary>
internal sealed class RegexRule(int ordinal, Regex regex, bool expectMatch) : ColumnRule(ordinal)
{
    private const int CacheSize = 1024;
    private const int CachedLength = 16;

    // Decoders share one string between equal short texts, so that most are recognised by their reference. Slots are
    // written without a lock: a reference is written whole, and any slot's text is known to pass.
    private readonly string?[] _passed = new string?[CacheSize];

    public override bool Passes(ColumnBatch batch, int row)
    {
        var column = (StringColumn)batch.Columns[Ordinal];
        if (column.IsNull(row))
            return true;
        var text = column[row];
        if (text.Length > CachedLength)
            return IsAccepted(text);
        ref var slot = ref _passed[RuntimeHelpers.GetHashCode(text) & (CacheSize - 1)];
        if (ReferenceEquals(slot, text))
            return true;
        if (!IsAccepted(text))
            return false;
        slot = text;
        return true;
    }

    private bool IsAccepted(string text)
    {
        try
        {
            return regex.IsMatch(text) == expectMatch;
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
