namespace RealTimeMesh.DeltaLake.Thrift;

/// <summary>Types as the compact protocol numbers them; a boolean field's value is its type.</summary>
internal enum ThriftType : byte
{
    Stop = 0,
    True = 1,
    False = 2,
    Byte = 3,
    Int16 = 4,
    Int32 = 5,
    Int64 = 6,
    Double = 7,
    Binary = 8,
    List = 9,
    Set = 10,
    Map = 11,
    Struct = 12,
    Uuid = 13,
}

/// <summary>Bytes that are no struct of the compact protocol.</summary>
internal sealed class ThriftException(string message) : Exception(message);
