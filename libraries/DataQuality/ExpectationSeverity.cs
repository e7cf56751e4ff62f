namespace RealTimeMesh.DataQuality;

/// <summary>What a broken expectation does to its row.</summary>
public enum ExpectationSeverity
{
    /// <summary>Counted; the row passes.</summary>
    Warn,

    /// <summary>The row is dead-lettered.</summary>
    Drop,

    /// <summary>The row is dead-lettered, and who runs the check is to raise an alarm.</summary>
    Fail,
}
