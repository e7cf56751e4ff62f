using Microsoft.AspNetCore.Http;

namespace RealTimeMesh.Ingestion.FrontDoor;

/// <summary>A result of the front door, whose answer can be kept.</summary>
internal interface IDoorResult : IResult
{
    int StatusCode { get; }

    DoorAnswer Render();
}
