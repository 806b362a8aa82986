; Inno Setup 6: makes one installer of the bundle in build\bundle\sawhorse. Run on Windows after packaging\bundle\build.py:
;   iscc /DVersion=0.1.0 packaging\windows\sawhorse.iss
; It installs for one user without asking for an administrator; /ALLUSERS on the command line is for all.

#ifndef Version
  #error Say which version: iscc /DVersion=0.1.0 sawhorse.iss
#endif

[Setup]
AppId={{6C0C5B0B-8E0F-4E5B-9C2A-2C8D5B0A7F11}
AppName=Sawhorse
AppVersion={#Version}
AppPublisher=The Sawhorse authors
DefaultDirName={autopf}\Sawhorse
DefaultGroupName=Sawhorse
DisableProgramGroupPage=yes
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=Sawhorse-{#Version}-windows-x64
SetupIconFile=..\..\build\sawhorse.ico
UninstallDisplayIcon={app}\sawhorse-window.exe
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog commandline
ChangesAssociations=yes
ChangesEnvironment=yes
; The restart manager closes a Sawhorse that runs; it saves everything as it ends.
CloseApplications=yes
Compression=lzma2/max
SolidCompression=yes
WizardStyle=modern

[Tasks]
Name: "desktopicon"; Description: "{cm:CreateDesktopIcon}"; GroupDescription: "{cm:AdditionalIcons}"; Flags: unchecked
Name: "path"; Description: "Add the command sawhorse to PATH"; Flags: unchecked

[InstallDelete]
; An older version's files must not stand in for the new one's.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\build\bundle\sawhorse\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{group}\Sawhorse"; Filename: "{app}\sawhorse-window.exe"; AppUserModelID: "Sawhorse.Sawhorse"
Name: "{autodesktop}\Sawhorse"; Filename: "{app}\sawhorse-window.exe"; AppUserModelID: "Sawhorse.Sawhorse"; Tasks: desktopicon

[Registry]
; .gguf is offered, not taken from a program that has it: Windows asks the user.
Root: HKA; Subkey: "Software\Classes\Sawhorse.gguf"; ValueType: string; ValueData: "Language model"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\Sawhorse.gguf\DefaultIcon"; ValueType: string; ValueData: "{app}\sawhorse-window.exe,0"
Root: HKA; Subkey: "Software\Classes\Sawhorse.gguf\shell\open\command"; ValueType: string; ValueData: """{app}\sawhorse-window.exe"" ""%1"""
Root: HKA; Subkey: "Software\Classes\.gguf\OpenWithProgids"; ValueType: string; ValueName: "Sawhorse.gguf"; ValueData: ""; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\Applications\sawhorse-window.exe\SupportedTypes"; ValueType: string; ValueName: ".gguf"; ValueData: ""; Flags: uninsdeletekey
Root: HKCU; Subkey: "Environment"; ValueType: expandsz; ValueName: "Path"; ValueData: "{olddata};{app}"; Tasks: path; Check: IsMissingInPath

[Run]
Filename: "{app}\sawhorse-window.exe"; Description: "{cm:LaunchProgram,Sawhorse}"; Flags: nowait postinstall skipifsilent

[Code]
function IsMissingInPath: Boolean;
var
  Path: string;
begin
  if not RegQueryStringValue(HKEY_CURRENT_USER, 'Environment', 'Path', Path) then
    Path := '';
  Result := Pos(';' + Uppercase(ExpandConstant('{app}')) + ';', ';' + Uppercase(Path) + ';') = 0;
end;
