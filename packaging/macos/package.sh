#!/bin/sh
# Makes dist/Sawhorse-VERSION-macos-ARCH.dmg of the app that packaging/bundle/build.py built.
#
#   CODESIGN_IDENTITY   the "Developer ID Application: …" to sign with; without one the app runs on this Mac alone
#   NOTARY_PROFILE      the profile of `xcrun notarytool store-credentials`; without one it is not notarised
set -eu
cd "$(dirname "$0")/../.."

version=${1:?say which version}
app=build/bundle/Sawhorse.app
image="dist/Sawhorse-$version-macos-$(uname -m).dmg"

plutil -replace CFBundleShortVersionString -string "$version" "$app/Contents/Info.plist"
plutil -replace CFBundleVersion -string "$version" "$app/Contents/Info.plist"
if [ -n "${CODESIGN_IDENTITY:-}" ]; then
    # From the inside out: each library, then the programs, then the app.
    find "$app" -type f \( -name '*.so' -o -name '*.dylib' \) -print0 |
        xargs -0 codesign --force --timestamp --options runtime --sign "$CODESIGN_IDENTITY"
    codesign --force --timestamp --options runtime --entitlements packaging/macos/entitlements.plist \
        --sign "$CODESIGN_IDENTITY" "$app"
    codesign --verify --deep --strict "$app"
else
    codesign --force --deep --sign - "$app"
fi

mkdir -p dist
rm -f "$image"
staging=$(mktemp -d)
cp -R "$app" "$staging/"
ln -s /Applications "$staging/Applications"
hdiutil create -volname Sawhorse -srcfolder "$staging" -format ULFO "$image"
rm -rf "$staging"
if [ -n "${CODESIGN_IDENTITY:-}" ] && [ -n "${NOTARY_PROFILE:-}" ]; then
    codesign --force --timestamp --sign "$CODESIGN_IDENTITY" "$image"
    xcrun notarytool submit "$image" --keychain-profile "$NOTARY_PROFILE" --wait
    xcrun stapler staple "$image"
fi
echo "$image"
