namespace RealTimeMesh.DataQuality;

/// <summary>Columns of reference tables, for <c>{"$PARAMETER": "airports.iata"}</c> in a value set.</summary>
public interface IReferenceValues
{
    /// <summary>The distinct values of a column as text; null where there is no such table or column.</summary>
    IReadOnlySet<string>? Find(string reference, string column);
}
