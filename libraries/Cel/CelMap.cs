namespace RealTimeMesh.Cel;

/// <summary>A map made by an expression. Numeric keys are equal as numbers are.</summary>
public sealed class CelMap : Dictionary<CelValue, CelValue>
{
    public CelMap(int capacity)
        : base(capacity, Comparer.Instance)
    {
    }

    public new sealed class Comparer : IEqualityComparer<CelValue>
    {
        public static Comparer Instance { get; } = new();

        public bool Equals(CelValue x, CelValue y) => CelEquality.AreEqual(x, y);

        public int GetHashCode(CelValue obj) => obj.Kind switch
        {
            CelKind.Bool => obj.IsTrue ? 1 : 0,
            CelKind.Int => ((double)obj.AsInt).GetHashCode(),
            CelKind.Uint => ((double)obj.AsUint).GetHashCode(),
            CelKind.Double => obj.AsDouble.GetHashCode(),
            CelKind.String => obj.AsString.GetHashCode(StringComparison.Ordinal),
            _ => (int)obj.Kind,
        };
    }
}
